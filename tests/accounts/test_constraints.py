"""What the database itself refuses, whatever the code does."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import EmailPurpose, EmailToken, EndReason, LoginCounter, RefreshToken, Session, User
from iqx.core import clock
from tests.factories.accounts import log_in, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"email": "Ann@iqx.example"}, "accounts_user_email_normalised"),
        ({"display_name": " "}, "accounts_user_display_name_visible"),
        ({"role": "root"}, "accounts_user_role_known"),
        ({"kyc_status": "maybe"}, "accounts_user_kyc_status_known"),
        ({"kyc_level": 1}, "accounts_user_kyc_level_verified"),
        ({"kyc_level": 3, "kyc_status": "verified"}, "accounts_user_kyc_level_verified"),
    ],
)
def test_an_impossible_user_is_refused(user: User, changes: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        User.objects.filter(pk=user.pk).update(**changes)


def test_two_users_never_share_an_email(user: User) -> None:
    with pytest.raises(IntegrityError, match="accounts_user_email"):
        make_user(email=user.email)


@pytest.mark.parametrize("end", [{"ended_at": clock.now()}, {"end_reason": EndReason.LOGOUT}])
def test_a_session_ends_with_a_time_and_a_reason(user: User, end: dict[str, Any]) -> None:
    log_in(user)
    with pytest.raises(IntegrityError, match="accounts_session_end_has_reason"):
        Session.objects.update(**end)


def test_a_session_has_one_unused_refresh_token(user: User) -> None:
    session = log_in(user).session
    with pytest.raises(IntegrityError, match="accounts_refreshtoken_one_unused"):
        RefreshToken.objects.create(session=session, digest="x", expires_at=clock.now() + timedelta(days=1))


def test_a_refresh_token_expires_after_it_was_made(user: User) -> None:
    log_in(user)
    with pytest.raises(IntegrityError, match="accounts_refreshtoken_expires_later"):
        RefreshToken.objects.update(expires_at=clock.now() - timedelta(days=1))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"purpose": "login"}, "accounts_emailtoken_purpose_known"),
        ({"email": "A@iqx.example"}, "accounts_emailtoken_email_normalised"),
        ({"password": "hash"}, "accounts_emailtoken_registration_only"),
        ({"purpose": EmailPurpose.REGISTER}, "accounts_emailtoken_registration_only"),
        ({"used_at": clock.now()}, "accounts_emailtoken_used_after_mailed"),
    ],
)
def test_an_impossible_code_is_refused(fields: dict[str, Any], constraint: str) -> None:
    good = {"purpose": EmailPurpose.RESET, "email": "a@iqx.example", "expires_at": clock.now()}
    EmailToken.objects.create(**good)
    with pytest.raises(IntegrityError, match=constraint):
        EmailToken.objects.create(**good | fields)


def test_a_counter_has_a_known_scope() -> None:
    with pytest.raises(IntegrityError, match="accounts_logincounter_scope_known"):
        LoginCounter.objects.create(key="x", scope="moon", failures=1, last_at=clock.now())


def test_rows_introduce_themselves() -> None:
    user = User(email="a@iqx.example")
    session = Session(user=user)
    assert str(user) == "a@iqx.example"
    assert str(session) == str(session.pk)
    assert str(RefreshToken(pk=5, session=session)) == f"{session.pk}#5"
    assert str(EmailToken(purpose="reset", email="a@iqx.example")) == "reset a@iqx.example"
    assert str(LoginCounter(scope="pair", failures=3)) == "pair: 3"
