"""Security alerts: what raises one, and what "this wasn't me" does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import services
from accounts.clients import Client
from accounts.models import ApiKey, SecurityAlert, Session, User
from iqx.core.events import events_since, user_stream
from tests.accounts.conftest import RunJobs, Travel
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import PASSWORD, auth_client, code_of, log_in
from tests.factories.wallets import ADDRESS
from wallets.services import add_address

pytestmark = pytest.mark.django_db

NOT_ME = "/api/v1/auth/not-me"


def kinds(user: User) -> list[str]:
    return [e.data["kind"] for e in events_since(user_stream(user.pk), 0, 100) if e.type == "security_alert"]


def enter(user: User, *, network: str = "192.0.2.1", agent: str = "phone") -> None:
    services.log_in(email=user.email, password=PASSWORD, client=Client(network, network, agent))


def code_in(mail: Any) -> str:
    (code,) = re.findall(r"^    (\S+)$", mail.body, re.MULTILINE)
    return str(code)


def test_a_log_in_from_a_new_place_or_device_raises_one(user: User) -> None:
    enter(user)
    enter(user)
    assert kinds(user) == [], "neither the first, nor one that is like it"
    enter(user, network="198.51.100.1")
    enter(user, agent="laptop")
    assert kinds(user) == ["new_login", "new_login"]
    assert SecurityAlert.objects.order_by("id")[0].ip == "198.51.100.1"


def test_what_protects_the_account_raises_one(user: User, travel: Travel) -> None:
    secret = services.set_up_two_factor(user_id=user.pk).secret
    services.confirm_two_factor(user_id=user.pk, otp=code_of(secret))
    travel.forward(seconds=30)
    services.create_api_key(user_id=user.pk, name="Bot", scopes=["read"], otp=code_of(secret))
    travel.forward(seconds=30)
    add_address(user=user, name="Mine", address=ADDRESS, otp=code_of(secret))
    travel.forward(seconds=30)
    services.disable_two_factor(user=user, password=PASSWORD, otp=code_of(secret), client=Client(network="x"))
    body = {"current_password": PASSWORD, "new_password": "a-new-one-9"}
    assert auth_client(user).post("/api/v1/auth/password/change", body, format="json").status_code == 204
    assert kinds(user) == [
        "two_factor_enabled",
        "api_key_created",
        "withdrawal_address_added",
        "two_factor_disabled",
        "password_changed",
    ]


@pytest.fixture
def code(user: User, run_jobs: RunJobs, mailoutbox: list[Any]) -> str:
    """From the mail about a key that somebody made."""
    services.create_api_key(user_id=user.pk, name="Bot's", scopes=["withdraw"])
    run_jobs()
    (mail,) = mailoutbox
    assert (mail.subject, mail.to) == ("A new API key", [user.email])
    assert "Name: Bot's" in mail.body
    mailoutbox.clear()
    return code_in(mail)


def say(code: str) -> Any:
    return APIClient().post(NOT_ME, {"token": code}, format="json")


def test_this_was_not_me_shuts_everybody_out(
    user: User, code: str, run_jobs: RunJobs, mailoutbox: list[Any], travel: Travel
) -> None:
    log_in(user)
    assert say(code).status_code == 200
    assert not Session.objects.filter(ended_at=None).exists()
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    user.refresh_from_db()
    assert (user.withdrawals_held_until, user.withdrawals_hold_reason) == (travel.now + timedelta(hours=24), "not_me")
    credentials = {"email": user.email, "password": PASSWORD}
    assert APIClient().post("/api/v1/auth/login", credentials, format="json").status_code == 401
    assert kinds(user) == ["api_key_created", "account_secured"]

    run_jobs()
    (reset,) = [mail for mail in mailoutbox if mail.subject == "Choose a new password"]
    chosen = {"token": code_in(reset), "password": "a-new-one-9"}
    assert APIClient().post("/api/v1/auth/password/reset/confirm", chosen, format="json").status_code == 200
    user.refresh_from_db()
    assert user.withdrawals_hold_reason == "not_me", "a new password does not end the hold"


def test_it_is_said_once(code: str) -> None:
    assert say(code).status_code == 200
    before = snapshot()
    assert say(code).json()["code"] == "code_invalid"
    assert snapshot() == before


def test_it_is_said_within_a_week(user: User, code: str, travel: Travel) -> None:
    log_in(user)
    before = snapshot()
    travel.forward(days=7)
    assert say(code).json()["code"] == say("forged").json()["code"] == "code_invalid"
    assert snapshot() == before
