"""What protects an account, as a browser without scripts uses it."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts import tasks
from accounts.models import ApiKey, EmailToken, RecoveryCode, SecurityAlert, Session, User
from tests.factories.accounts import PASSWORD, code_of, make_user, with_two_factor
from tests.web.browsing import browser_of, text_of

pytestmark = pytest.mark.django_db

NEW = "another-horse-9"


def test_the_second_factor_is_set_up_used_and_switched_off() -> None:
    user = make_user()
    browser = browser_of(user)
    page = "/account/security/second-factor"
    assert "Set it up" in text_of(browser.get(page))
    assert browser.post(page, {"do": "begin"}).status_code == 302
    shown = browser.get(page)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", shown.content.decode())
    assert secret
    assert "<svg" in shown.content.decode()
    assert "style=" not in shown.content.decode()  # the policy admits none
    wrong = browser.post(page, {"otp": "000000"})
    assert (wrong.status_code, User.objects.get(pk=user.pk).two_factor) == (401, False)
    assert secret[1] in wrong.content.decode()

    done = browser.post(page, {"otp": code_of(secret[1].replace(" ", ""))})
    codes = re.findall(r"<li><code>([A-Z2-7-]+)</code>", done.content.decode())
    assert (len(codes), User.objects.get(pk=user.pk).two_factor) == (10, True)
    assert not any(code in browser.get(page).content.decode() for code in codes)

    refused = browser.post("/account/security/recovery-codes", {"otp": "wrong"})
    assert (refused.status_code, RecoveryCode.objects.count()) == (401, 10)
    renewed = browser.post("/account/security/recovery-codes", {"otp": codes[0]})
    again = re.findall(r"<li><code>([A-Z2-7-]+)</code>", renewed.content.decode())
    assert set(again).isdisjoint(codes)
    off = "/account/security/second-factor/off"
    assert browser.post(off, {"password": "wrong", "otp": again[0]}).status_code == 422
    assert User.objects.get(pk=user.pk).two_factor
    assert browser.post(off, {"password": PASSWORD, "otp": again[0]}).status_code == 302
    assert not User.objects.get(pk=user.pk).two_factor


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one() -> None:
    user = make_user()
    browser, elsewhere = browser_of(user), browser_of(user)
    page = "/account/security/password"
    wrong = browser.post(page, {"current_password": "wrong", "new_password": NEW})
    assert wrong.status_code == 422
    assert 'id="id_current_password-errors"' in wrong.content.decode()
    weak = browser.post(page, {"current_password": PASSWORD, "new_password": "12345678"})
    assert 'id="id_new_password-errors"' in weak.content.decode()
    assert elsewhere.get("/account").status_code == 200

    assert browser.post(page, {"current_password": PASSWORD, "new_password": NEW}).status_code == 302
    assert browser.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_sessions_are_ended_one_by_one_and_all_at_once() -> None:
    user = make_user()
    browser, elsewhere = browser_of(user), browser_of(user)
    assert "this one" in text_of(browser.get("/account/sessions"))
    other = Session.objects.latest("pk")
    assert browser.post(f"/account/sessions/{other.pk}/end").status_code == 302
    assert elsewhere.get("/account").status_code == 302
    assert browser.post("/account/sessions/end").headers["Location"] == "/login"
    assert browser.get("/account").status_code == 302
    assert not Session.objects.filter(ended_at=None).exists()


def test_an_api_key_is_shown_once_works_and_is_revoked() -> None:
    user = make_user()
    secret = with_two_factor(user)
    browser = browser_of(user)
    asked: dict[str, Any] = {"name": "bot", "scopes": ["read"], "allowed_ips": "127.0.0.1\n192.0.2.0/24", "lasts": "30"}
    assert browser.post("/account/api-keys", asked | {"allowed_ips": "nowhere"}).status_code == 422
    assert browser.post("/account/api-keys", asked).status_code == 422  # without a code
    assert not ApiKey.objects.exists()
    made = browser.post("/account/api-keys", asked | {"otp": code_of(secret)})
    key = re.search(r"<code>(iqx_[^<]+)</code>", made.content.decode())
    assert key
    assert key[1] not in browser.get("/account/api-keys").content.decode()
    headers = {"authorization": f"Key {key[1]}"}
    assert Client(headers=headers).get("/api/v1/wallet").status_code == 200
    kept = ApiKey.objects.get()
    assert (kept.networks, kept.expires_at is not None) == (["127.0.0.1/32", "192.0.2.0/24"], True)
    browser.post(f"/account/api-keys/{kept.pk}/revoke")
    assert Client(headers=headers).get("/api/v1/wallet").status_code == 401


def test_every_mail_has_the_word_that_its_receiver_chose() -> None:
    user, other = make_user(), make_user()
    browser = browser_of(user)
    assert browser.post("/account/security/mail-word", {"word": "  blue \u200b heron "}).status_code == 422
    assert browser.post("/account/security/mail-word", {"word": "  blue   heron "}).status_code == 302
    assert User.objects.get(pk=user.pk).mail_word == "blue heron"
    for person in (user, other):
        Client().post("/password/forgotten", {"email": person.email})
    for token in EmailToken.objects.order_by("pk"):
        tasks.mail_code(token_id=str(token.pk))
    marked, plain = mail.outbox
    assert marked.body.startswith("IQX: blue heron\n\n")
    assert "IQX: " not in plain.body


def test_the_word_itself_takes_the_second_factor() -> None:
    user = make_user()
    secret = with_two_factor(user)
    browser = browser_of(user)
    assert browser.post("/account/security/mail-word", {"word": "blue heron"}).status_code == 422
    assert User.objects.get(pk=user.pk).mail_word == ""
    assert (
        browser.post("/account/security/mail-word", {"word": "blue heron", "otp": code_of(secret)}).status_code == 302
    )
    assert User.objects.get(pk=user.pk).mail_word == "blue heron"


def test_a_security_alert_leads_to_a_page_that_shuts_everybody_out() -> None:
    user = make_user()
    browser = browser_of(user)
    browser.post("/account/security/password", {"current_password": PASSWORD, "new_password": NEW})
    tasks.mail_alert(alert_id=str(SecurityAlert.objects.get().pk))
    link = re.search(r"http://[^/]+(/not-me)#(\S+)", str(mail.outbox[0].body))
    assert link
    assert Client().post(link[1], {"token": "wrong"}).status_code == 422
    assert browser.get("/account").status_code == 200
    assert Client().post(link[1], {"token": link[2]}).headers["Location"] == "/password/new"
    assert browser.get("/account").status_code == 302
    assert not User.objects.get(pk=user.pk).has_usable_password()
