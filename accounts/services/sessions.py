"""Logging in, staying in, and logging out."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils.crypto import constant_time_compare

from accounts import keys, login_guard
from accounts.alerts import is_new_place, raise_alert
from accounts.clients import Client
from accounts.errors import AccountSuspended, AuthenticationFailed, EmailNotVerified, WrongPassword
from accounts.families import LoggedIn, end_locked, end_sessions, open_session
from accounts.keys import KeyHolder
from accounts.models import AlertKind, EmailPurpose, EndReason, RefreshToken, Session, User, normalise_email
from accounts.selectors import is_familiar, live_session_of
from accounts.services.codes import request_code
from accounts.step_up import prove, require_second_factor
from accounts.tokens import Principal, TokenPair, digest_of, issue_pair, read_access
from iqx.core import clock, events
from iqx.core.errors import NotFound
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case

_UNUSABLE = "!"  # checking a password against it costs one hash, as any other does


def log_in(*, email: str, password: str, otp: str = "", client: Client) -> LoggedIn:
    """Exchange an e-mail and its password, and `otp` where there is a second factor, for a session.

    Several transactions, since a failure must be counted though it is refused; the slow hash is in none of them.

    The password is checked first, so that nobody else learns whether there is a second factor.

    Raises: AuthenticationFailed, LoginLocked, AccountSuspended, EmailNotVerified, OtpRequired, OtpInvalid, OtpLocked.
    """
    user = check_credentials(email=email, password=password, client=client)
    if user.two_factor and otp:
        login_guard.admit_otp(user.pk, otp)
    logged_in = _start_session(user_id=user.pk, checked=user.password, otp=otp, client=client)
    if logged_in is None:
        raise EmailNotVerified
    return logged_in


def who_has(*, email: str) -> User:
    """The user of an e-mail whose password was just found right. Raises: AuthenticationFailed."""
    user = User.objects.filter(email=normalise_email(email)).first()
    if user is None:
        raise AuthenticationFailed
    return user


def finish_log_in(*, user_id: str, proof: str, otp: str, client: Client) -> LoggedIn:
    """The second step of a log-in in two: the password was right a moment ago, as `proof` of its hash says.

    Raises: AuthenticationFailed: it was changed meanwhile. AccountSuspended, EmailNotVerified, OtpInvalid, OtpLocked.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None or not constant_time_compare(proof, user.get_session_auth_hash()):
        raise AuthenticationFailed
    login_guard.admit_otp(user.pk, otp)
    logged_in = _start_session(user_id=user.pk, checked=user.password, otp=otp, client=client)
    if logged_in is None:
        raise EmailNotVerified
    return logged_in


def check_credentials(*, email: str, password: str, client: Client) -> User:
    """The user whose e-mail and password these are, known and unknown e-mails costing and looking the same.

    Raises: AuthenticationFailed, LoginLocked.
    """
    email = normalise_email(email)
    attempt = login_guard.admit(email, client.network, familiar=is_familiar(email, client.network))
    user = User.objects.filter(email=email).first()
    matches = check_password(password, user.password if user else _UNUSABLE)
    if user is None or not matches:
        login_guard.failed(attempt)
        raise AuthenticationFailed
    login_guard.succeeded(attempt)
    return user


def check_own_password(*, user: User, password: str, client: Client) -> User:
    """The user as he is now, who typed his password once more; guesses count as those of log-ins do.

    Raises: WrongPassword, LoginLocked.
    """
    try:
        return check_credentials(email=user.email, password=password, client=client)
    except AuthenticationFailed as error:
        raise WrongPassword from error


def check_both_factors(*, email: str, password: str, otp: str, client: Client) -> User:
    """The user whose e-mail and password these are, after he has proved his second factor, if he has one.

    Raises: AuthenticationFailed, LoginLocked, OtpRequired, OtpInvalid, OtpLocked.
    """
    user = check_credentials(email=email, password=password, client=client)
    if user.two_factor and otp:
        login_guard.admit_otp(user.pk, otp)
    prove_second_factor(user_id=user.pk, otp=otp)
    return user


@use_case
def prove_second_factor(*, user_id: UUID, otp: str) -> None:
    """Use up a code of the second factor, by itself, of who has one.

    Locks: the user. Raises: OtpRequired, OtpInvalid, AuthenticationFailed.
    """
    require_second_factor(user_id, otp)


@use_case
def _start_session(*, user_id: UUID, checked: str, otp: str, client: Client) -> LoggedIn | None:
    """Open a session for who knew the password whose hash was `checked`; None if the e-mail must be verified first.

    Locks: the user, so that a password changed meanwhile, or a suspension, is seen.
    """
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id, password=checked))
    if user is None:
        raise AuthenticationFailed
    if not user.is_active:
        raise AccountSuspended
    if settings.REQUIRE_VERIFIED_EMAIL and user.email_verified_at is None:
        request_code(EmailPurpose.VERIFY, user.email)
        return None
    prove(user, otp)
    is_new = is_new_place(user, client)
    logged_in = open_session(user, client)
    if is_new:
        events.append([raise_alert(user, AlertKind.NEW_LOGIN, client)])
    return logged_in


def refresh(*, token: str) -> TokenPair:
    """Exchange a refresh token for new tokens, once; a token that comes a second time ends its session.

    Either the thief or the owner used it first, and nobody can tell which (RFC 9700, section 4.14.2). Of several
    simultaneous uses one succeeds, and the others end the session with it.

    Raises: AuthenticationFailed, after the session's end is committed.
    """
    pair = _exchange(token)
    if pair is None:
        raise AuthenticationFailed
    return pair


@use_case
def _exchange(secret: str) -> TokenPair | None:
    """Locks: the token, by the one statement that marks it used, then its session."""
    now, digest = clock.now(), digest_of(secret)
    unused = RefreshToken.objects.filter(digest=digest, used_at=None)
    claimed = unused.filter(expires_at__gt=now).update(used_at=now)
    token = RefreshToken.objects.filter(digest=digest).first()
    if token is None:
        return None
    live = Session.objects.filter(pk=token.session_id, ended_at=None, user__is_active=True)
    session = lock_one(LockRank.ACCOUNT, live)
    if session is None:
        return None
    if not claimed:
        if token.used_at:
            end_locked([session], EndReason.REUSE)
        return None
    session.last_used_at = now
    session.save(update_fields=["last_used_at"])
    return issue_pair(session)


def authenticate_access(token: str) -> Principal | KeyHolder:
    """Whom a live access token, or an API key, speaks for at a socket.

    Raises: AuthenticationFailed: it is invalid or expired, its session has ended, or its user is suspended.
        KeyAddressRefused, ScopeMissing.
    """
    if token.startswith(keys.MARK):
        return keys.holder_of(token)
    principal = read_access(token)
    if live_session_of(principal) is None:
        raise AuthenticationFailed
    return principal


@use_case
def log_out(*, token: str) -> None:
    """End the session that a refresh token belongs to; an unknown token has none, and that is fine."""
    end_sessions(Session.objects.filter(refresh_tokens__digest=digest_of(token)), EndReason.LOGOUT)


@use_case
def log_out_everywhere(*, user_id: UUID) -> int:
    """End all sessions of a user; how many there were."""
    return end_sessions(Session.objects.filter(user_id=user_id), EndReason.LOGOUT_ALL)


@use_case
def end_session(*, user_id: UUID, session_id: UUID) -> None:
    """End one of the user's own sessions.

    Raises: NotFound: he has no such live session.
    """
    if not end_sessions(Session.objects.filter(user_id=user_id, pk=session_id), EndReason.REVOKED):
        raise NotFound
