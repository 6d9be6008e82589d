"""Changing a password, and getting in without it."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from accounts import login_guard
from accounts.alerts import raise_alert
from accounts.clients import Client
from accounts.errors import AccountSuspended, WrongPassword
from accounts.families import LoggedIn, end_sessions, open_session
from accounts.holds import hold_after_change
from accounts.models import AlertKind, EmailPurpose, EndReason, Session, User, normalise_email
from accounts.services.codes import owner_of_code, request_code, use_code
from accounts.services.sessions import check_own_password
from accounts.step_up import prove
from accounts.validators import check_new_password
from iqx.core import clock, events
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case


def change_password(
    *, user: User, session_id: UUID, current_password: str, new_password: str, otp: str = "", client: Client
) -> None:
    """Change the password of who knows the current one, and end every other session.

    Guesses count towards the same lock-out as log-ins do: a stolen access token is no oracle.

    Raises: WrongPassword, LoginLocked, OtpRequired, OtpInvalid. Invalid: the new password is unfit.
    """
    check_new_password(new_password, user, field="new_password")
    checked = check_own_password(user=user, password=current_password, client=client)
    _replace_password(
        user_id=user.pk, checked=checked.password, password=make_password(new_password), otp=otp, keep=session_id
    )


@use_case
def _replace_password(*, user_id: UUID, checked: str, password: str, otp: str, keep: UUID) -> None:
    """Locks: the user, then his sessions. A password that was changed meanwhile is not replaced."""
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id, password=checked))
    if user is None:
        raise WrongPassword
    prove(user, otp)
    events.append([_set_password(user, password, Session.objects.exclude(pk=keep))])


@use_case
def request_password_reset(*, email: str) -> None:
    """Have a code mailed, if there is such an account; nothing here tells whether there is."""
    request_code(EmailPurpose.RESET, normalise_email(email))


def reset_password(*, code: str, password: str, otp: str = "", client: Client) -> LoggedIn:
    """Set a new password by a mailed code, and `otp` where there is a second factor; end every session, and open one.

    Answering with a session makes this a way in that no lock-out of the password's can close.

    Raises: CodeInvalid, AccountSuspended. Invalid, OtpRequired, OtpInvalid, OtpLocked: the code stays good.
    """
    owner = owner_of_code(code, EmailPurpose.RESET)
    if owner and owner.two_factor and otp:
        login_guard.admit_otp(owner.pk, otp)
    return _reset(code=code, password=password, hashed=make_password(password), otp=otp, client=client)


@use_case
def _reset(*, code: str, password: str, hashed: str, otp: str, client: Client) -> LoggedIn:
    """Locks: the code, by the one statement that marks it used, then the user, then his sessions."""
    token = use_code(code, EmailPurpose.RESET)
    (user,) = lock(LockRank.ACCOUNT, User.objects.filter(email=token.email))
    if not user.is_active:
        raise AccountSuspended
    check_new_password(password, user, field="password")
    prove(user, otp)
    user.email_verified_at = user.email_verified_at or clock.now()
    user.save(update_fields=["email_verified_at"])
    changed = _set_password(user, hashed, Session.objects.all(), client)
    login_guard.forgive(user.email, client.network)
    logged_in = open_session(user, client)
    events.append([changed])
    return logged_in


def _set_password(user: User, password: str, sessions: QuerySet[Session], client: Client | None = None) -> NewEvent:
    user.password = password
    user.save(update_fields=["password"])
    end_sessions(sessions.filter(user=user), EndReason.PASSWORD)
    hold_after_change(user, "password_changed")
    return raise_alert(user, AlertKind.PASSWORD_CHANGED, client)
