"""Passkeys as a browser uses them: added, logged in by, and in place of a code."""

import html
import json
import re
from typing import Any

import pytest
from authenticator import Authenticator
from django.test import Client

from accounts.models import EmailToken, Passkey, PasskeyChallenge, StepUpCode, User
from accounts.services import issue_code
from tests.factories.accounts import PASSWORD, code_of, make_user, with_two_factor
from tests.web.browsing import browser_of, hidden_inputs, text_of

pytestmark = pytest.mark.django_db

PAGE = "/account/security/passkeys"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.PASSKEY_RP_ID, settings.PASSKEY_ORIGINS = "testserver", ["http://testserver"]


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator("http://testserver")


def options_of(page: Any) -> Any:
    found = re.search(r'<script id="passkey-options"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)
    assert found, text_of(page)
    return json.loads(html.unescape(found[1]))


def answer(page: Any, credential: Any) -> dict[str, Any]:
    """What the page's form sends, once passkeys.js has filled it in."""
    hidden = {name: values[0] for name, values in hidden_inputs(page, "data-passkey=").items()}
    return hidden | {"credential": json.dumps(credential)}


def add(browser: Client, device: Authenticator, name: str = "phone", **proof: str) -> Any:
    begun = browser.post(PAGE, {"name": name, "password": PASSWORD, **proof})
    assert begun.status_code == 200, text_of(begun)
    return browser.post(f"{PAGE}/add", answer(begun, device.create(options_of(begun))))


def stepped_up(browser: Client, device: Authenticator, **more: str) -> str:
    begun = browser.post(f"{PAGE}/code", more).json()
    credential = json.dumps(device.get(begun["options"]))
    return str(
        browser.post(f"{PAGE}/code", {"challenge": begun["challenge"], "credential": credential, **more}).json()["otp"]
    )


def test_a_passkey_is_added_logs_in_confirms_and_is_removed(phone: Authenticator) -> None:
    user = make_user()
    browser = browser_of(user)
    assert browser.post(PAGE, {"name": "phone"}).status_code == 422
    wrong = browser.post(PAGE, {"name": "phone", "password": "guessed"})
    assert 'id="id_password-errors"' in wrong.content.decode()
    assert not PasskeyChallenge.objects.exists()
    made = add(browser, phone)
    assert len(re.findall(r"<li><code>([A-Z2-7-]+)</code>", made.content.decode())) == 10
    assert (User.objects.get(pk=user.pk).two_factor, "phone" in text_of(browser.get(PAGE))) == (True, True)

    visitor = Client()
    assert 'action="/login/passkey"' in visitor.get("/login?next=/orders").content.decode()
    begun = visitor.post("/login/passkey", {"next": "/orders"})
    sent = answer(begun, phone.get(options_of(begun)))
    assert visitor.post("/login/passkey", sent).headers["Location"] == "/orders"
    assert user.display_name in text_of(visitor.get("/orders"))
    again = Client().post("/login/passkey", sent, follow=True)  # a challenge serves once
    assert "Begin anew" in text_of(again)

    word = "/account/security/mail-word"
    assert "Use a passkey" in text_of(browser.get(word))
    code = stepped_up(browser, phone)
    assert browser.post(word, {"word": "blue heron", "otp": code}).status_code == 302
    assert browser.post(word, {"word": "grey heron", "otp": code}).status_code == 401
    assert User.objects.get(pk=user.pk).mail_word == "blue heron"

    app = browser.post("/account/security/second-factor/app", {"otp": stepped_up(browser, phone)}, follow=True)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", app.content.decode())
    assert secret
    done = browser.post("/account/security/second-factor", {"otp": code_of(secret[1].replace(" ", ""))})
    assert done.status_code == 200

    key = Passkey.objects.get()
    assert browser.post(f"{PAGE}/{key.pk}/remove", {"otp": "000000"}).status_code == 401
    assert browser.post(f"{PAGE}/{key.pk}/remove", {"otp": stepped_up(browser, phone)}).status_code == 302
    assert not Passkey.objects.exists()
    assert User.objects.get(pk=user.pk).two_factor


def test_adding_takes_the_second_factor_and_what_is_no_answer_adds_nothing(phone: Authenticator) -> None:
    user = make_user()
    secret = with_two_factor(user)
    browser = browser_of(user)
    assert browser.post(PAGE, {"name": "phone"}).status_code == 422
    begun = browser.post(PAGE, {"name": "phone", "otp": code_of(secret)})
    sent = answer(begun, {})
    for credential in ("", "[]", "{}", "[" * 19_000, '{"rawId": "x"}'):
        refused = browser.post(f"{PAGE}/add", sent | {"credential": credential}, follow=True)
        assert "was not accepted" in text_of(refused) or "Begin anew" in text_of(refused)
    assert not Passkey.objects.exists()
    assert browser.post(f"{PAGE}/code").status_code == 404  # there is none to ask
    assert Client().post(f"{PAGE}/code").status_code == 404


def test_who_forgot_the_password_proves_himself_by_his_passkey(phone: Authenticator) -> None:
    user = make_user()
    add(browser_of(user), phone)
    visitor = Client()
    visitor.post("/password/forgotten", {"email": user.email})
    mail = issue_code(token_id=EmailToken.objects.get().pk)
    assert mail
    new = {"token": mail.code, "password": "a long new sentence"}
    assert visitor.post("/password/new", new).status_code == 401
    other = browser_of(make_user())  # whoever is logged in here, the code says whose passkey is meant
    assert other.post(f"{PAGE}/code", {"token": mail.code}).status_code == 200
    assert browser_of(user).post(f"{PAGE}/code", {"token": "wrong"}).status_code == 404
    otp = stepped_up(visitor, phone, token=mail.code)
    assert visitor.post("/password/new", new | {"otp": otp}).headers["Location"] == "/"
    assert User.objects.get(pk=user.pk).check_password(new["password"])
    assert not StepUpCode.objects.exists()
    assert visitor.post(f"{PAGE}/code", {"token": mail.code}).status_code == 404  # it was used


def test_at_an_address_that_has_no_passkeys_one_is_told_where_they_are(settings: Any) -> None:
    settings.PASSKEY_RP_ID = "localhost"
    browser = browser_of(make_user())
    assert "http://localhost/account/security/passkeys" in text_of(browser.get(PAGE))
    begun = Client().post("/login/passkey")
    assert "http://localhost/login/passkey" in text_of(begun)
    assert "data-passkey=" not in begun.content.decode()
