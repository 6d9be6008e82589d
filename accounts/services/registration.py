"""Becoming a user, and what a user says of himself."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.clients import Client
from accounts.errors import EmailTaken
from accounts.families import LoggedIn, open_session
from accounts.models import EmailPurpose, User, anonymous_display_name, normalise_email
from accounts.services.codes import request_code, use_code
from accounts.step_up import require_second_factor
from accounts.validators import check_new_password
from iqx.core import clock
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case


def register(*, email: str, password: str, display_name: str = "", client: Client) -> LoggedIn | None:
    """Make an account and log in to it; where e-mails must be verified, only mail a code, and return None.

    The second way makes no account: `verify_email` does. It answers, and costs, the same for a known e-mail.

    Raises: Invalid: the password is unfit. EmailTaken: there is an account (only where nothing need be verified).
    """
    user = User(email=normalise_email(email), display_name=display_name or anonymous_display_name())
    check_new_password(password, user, field="password")
    user.password = make_password(password)
    if settings.REQUIRE_VERIFIED_EMAIL:
        _ask_to_verify(user)
        return None
    return _create(user, client)


@use_case
def _ask_to_verify(user: User) -> None:
    request_code(EmailPurpose.REGISTER, user.email, password=user.password, display_name=user.display_name)


@use_case
def _create(user: User, client: Client) -> LoggedIn:
    _insert(user)
    request_code(EmailPurpose.VERIFY, user.email)
    return open_session(user, client)


def _insert(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTaken from error


@use_case
def verify_email(*, code: str) -> User:
    """Use up a mailed code: complete the registration that it belongs to, or mark the account's e-mail as verified.

    Raises: CodeInvalid. EmailTaken: another registration of the same e-mail was completed first.
    """
    now = clock.now()
    token = use_code(code, EmailPurpose.REGISTER, EmailPurpose.VERIFY)
    if token.purpose == EmailPurpose.REGISTER:
        user = User(email=token.email, display_name=token.display_name, password=token.password)
        user.email_verified_at = now
        _insert(user)
        return user
    (user,) = lock(LockRank.ACCOUNT, User.objects.filter(email=token.email))
    user.email_verified_at = user.email_verified_at or now
    user.save(update_fields=["email_verified_at"])
    return user


@use_case
def update_profile(*, user_id: UUID, display_name: str) -> User:
    """Change what a user says of himself. Locks: the user."""
    (user,) = lock(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    user.display_name = display_name
    user.save(update_fields=["display_name"])
    return user


@use_case
def choose_mail_word(*, user_id: UUID, word: str, otp: str = "") -> User:
    """Choose the word that all e-mails to the user have, by which he knows them; empty: none.

    Locks: the user. Raises: OtpRequired, OtpInvalid.
    """
    user = require_second_factor(user_id, otp)
    user.mail_word = word
    user.save(update_fields=["mail_word"])
    return user
