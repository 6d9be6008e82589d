"""The way in by pages: the API's use cases and lock-out, and sessions that end wherever they are ended."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts import services, tasks
from accounts.browser_sessions import browser_of as socket_of
from accounts.browser_sessions import live_browsers
from accounts.models import EmailToken, Session, User
from tests.factories.accounts import PASSWORD, code_of, make_user, with_two_factor
from tests.web.browsing import browser_of, text_of

pytestmark = pytest.mark.django_db


def log_in(user: User, browser: Client, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/login", {"email": user.email, "password": password, **more})


def test_a_person_logs_in_comes_back_to_where_he_was_and_logs_out() -> None:
    user, browser = make_user(), Client()
    assert browser.get("/orders").headers["Location"] == "/login?next=%2Forders"
    answer = log_in(user, browser, next="/orders")
    assert answer.headers["Location"] == "/orders"
    assert user.display_name in text_of(browser.get("/orders"))
    browser.post("/logout")
    assert browser.get("/orders").status_code == 302
    assert [session.end_reason for session in Session.objects.all()] == ["revoked"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_logging_in(elsewhere: str) -> None:
    assert log_in(make_user(), Client(), next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_is_told_at_the_form_and_opens_nothing() -> None:
    user, browser = make_user(), Client()
    answer = log_in(user, browser, "wrong")
    assert (answer.status_code, Session.objects.count()) == (401, 0)
    assert "don't belong together" in text_of(answer)
    for _ in range(5):
        answer = log_in(user, browser, "wrong")
    assert answer.status_code == 429
    assert "Try again in" in text_of(log_in(user, browser))


def test_the_second_factor_is_asked_for_in_a_second_step() -> None:
    user, browser = make_user(), Client()
    secret = with_two_factor(user)
    answer = log_in(user, browser, next="/trades")
    assert answer.headers["Location"] == "/login/code?next=%2Ftrades"
    assert browser.get("/trades").status_code == 302
    assert browser.post("/login/code", {"otp": "000000"}).status_code == 401
    answer = browser.post("/login/code", {"otp": code_of(secret), "next": "/trades"})
    assert answer.headers["Location"] == "/trades"
    assert browser.get("/trades").status_code == 200
    assert browser.session.get("half_way") is None


def test_a_password_that_changes_between_the_steps_ends_the_log_in() -> None:
    user, browser = make_user(), Client()
    secret = with_two_factor(user)
    log_in(user, browser)
    User.objects.filter(pk=user.pk).update(password="another")
    assert browser.post("/login/code", {"otp": code_of(secret)}).headers["Location"] == "/login"
    assert Session.objects.count() == 0


def test_the_code_alone_opens_nothing() -> None:
    with_two_factor(make_user())
    assert Client().post("/login/code", {"otp": "123456"}).headers["Location"] == "/login"


def test_registering_logs_in_and_a_known_address_is_told(settings: Settings) -> None:
    browser = Client()
    given = {"email": "new@iqx.example", "password": "a long sentence", "display_name": "New"}
    assert browser.post("/register", given).headers["Location"] == "/"
    assert "New" in text_of(browser.get("/"))
    again = Client().post("/register", given)
    assert (again.status_code, User.objects.count()) == (409, 1)
    settings.REQUIRE_VERIFIED_EMAIL = True
    assert Client().post("/register", given | {"email": "b@iqx.example"}).headers["Location"] == "/verify"
    assert User.objects.count() == 1


def test_mailed_links_lead_to_their_pages_and_looking_uses_no_code_up(settings: Settings) -> None:
    settings.REQUIRE_VERIFIED_EMAIL, settings.PUBLIC_URL = True, "https://iqx.example"
    Client().post("/register", {"email": "new@iqx.example", "password": "a long sentence"})
    forgetful = make_user()
    Client().post("/password/forgotten", {"email": forgetful.email})
    for token in EmailToken.objects.order_by("pk"):
        tasks.mail_code(token_id=str(token.pk))
    links = [re.findall(r"https://iqx\.example(/\S+)#(\S+)", str(letter.body)) for letter in mail.outbox]
    [(verify, first)], [(reset, second)] = links
    assert (verify, reset) == ("/verify", "/password/new")
    browser = browser_of(forgetful)  # who is logged in may choose a new one, too
    for path in (verify, reset, verify, reset):
        assert browser.get(path).status_code == 200
    assert Client().post(verify, {"token": first}).headers["Location"] == "/login"
    assert User.objects.filter(email="new@iqx.example").exists()
    new = {"token": second, "password": "another long sentence"}
    assert browser.post(reset, new).headers["Location"] == "/"
    assert User.objects.get(pk=forgetful.pk).check_password(new["password"])


def test_a_session_that_is_ended_from_elsewhere_ends_in_the_browser_and_at_its_sockets() -> None:
    user = make_user()
    browser = browser_of(user)
    headers = {b"host": b"iqx.example", b"cookie": f"sessionid={browser.cookies['sessionid'].value}".encode()}
    socket = socket_of(headers)
    assert socket
    assert socket.session_id == Session.objects.get().pk
    assert live_browsers([socket]) == {socket.session_id}
    assert browser.get("/trades").status_code == 200
    services.log_out_everywhere(user_id=user.pk)
    assert live_browsers([socket]) == set()
    assert socket_of(headers) is None
    assert browser.get("/trades").status_code == 302


def test_a_suspended_user_is_out_at_once() -> None:
    user = make_user()
    browser = browser_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert browser.get("/trades").status_code == 302


def test_cookies_and_headers_are_those_of_a_careful_page(settings: Settings) -> None:
    answer = log_in(make_user(), browser := Client())
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    page = browser.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'nonce-" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "'unsafe-eval'" in browser.get("/admin/login/").headers["Content-Security-Policy"]
    assert Client().get("/nothing", headers={"accept": "text/html"}).status_code == 404
