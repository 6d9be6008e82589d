"""The second factor: setting it up, switching it off, and getting over its loss."""

import base64
import secrets
from dataclasses import dataclass
from uuid import UUID

from accounts import totp
from accounts.alerts import raise_alert
from accounts.clients import Client
from accounts.errors import OtpInvalid, TwoFactorOff, TwoFactorOn
from accounts.holds import hold_after_change
from accounts.models import AlertKind, Passkey, RecoveryCode, Totp, User
from accounts.services.sessions import check_own_password
from accounts.step_up import TOTP_PURPOSE, plain, prove, require_second_factor, use_totp
from accounts.tokens import digest_of
from iqx.core import clock, crypto, events
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case

_CODES = 10
CHANGED = "two_factor_changed"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What goes into the authenticator app; `uri` says it all in one."""

    secret: str
    uri: str


@use_case
def set_up_two_factor(*, user_id: UUID, otp: str = "") -> NewSecret:
    """Make a secret for an authenticator app. It counts once a code confirms it; until then each call makes another.

    Who has a passkey proves it first.

    Locks: the user. Raises: TwoFactorOn, OtpRequired, OtpInvalid.
    """
    user = _lock(user_id)
    if Totp.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise TwoFactorOn
    prove(user, otp)
    secret = totp.new_secret()
    Totp.objects.update_or_create(
        user=user,
        defaults={"secret": crypto.seal(secret, purpose=TOTP_PURPOSE), "last_step": 0, "created_at": clock.now()},
    )
    return NewSecret(secret, totp.otpauth_uri(secret, user.email))


def pending_two_factor(*, user_id: UUID) -> NewSecret | None:
    """The secret that was made last and that no code has confirmed yet, to be shown once more. One query."""
    app = Totp.objects.select_related("user").filter(user_id=user_id, confirmed_at=None).first()
    if app is None:
        return None
    secret = str(crypto.unseal(app.secret, purpose=TOTP_PURPOSE))
    return NewSecret(secret, totp.otpauth_uri(secret, app.user.email))


@use_case
def confirm_two_factor(*, user_id: UUID, otp: str) -> list[str]:
    """Switch the second factor on, by a code of the app that was set up; returns the recovery codes, this once.

    Locks: the user. Raises: TwoFactorOff: nothing was set up. TwoFactorOn, OtpInvalid.
    """
    user = _lock(user_id)
    app = Totp.objects.filter(user=user).first()
    if app is None:
        raise TwoFactorOff
    if app.confirmed_at:
        raise TwoFactorOn
    if not use_totp(user, otp, confirmed=False):
        raise OtpInvalid
    Totp.objects.filter(user=user).update(confirmed_at=clock.now())
    user.two_factor = True
    user.save(update_fields=["two_factor"])
    hold_after_change(user, CHANGED)
    codes = replace_codes(user)
    events.append([raise_alert(user, AlertKind.TWO_FACTOR_ENABLED)])
    return codes


@use_case
def renew_recovery_codes(*, user_id: UUID, otp: str) -> list[str]:
    """Make new recovery codes; the former ones are worth nothing any more.

    Locks: the user. Raises: TwoFactorOff, OtpRequired, OtpInvalid.
    """
    user = require_second_factor(user_id, otp)
    if not user.two_factor:
        raise TwoFactorOff
    return replace_codes(user)


def disable_two_factor(*, user: User, password: str, otp: str, client: Client) -> None:
    """Switch the second factor off, by both factors. Guesses of the password count as they do for log-ins.

    Raises: WrongPassword, LoginLocked, TwoFactorOff, OtpRequired, OtpInvalid.
    """
    checked = check_own_password(user=user, password=password, client=client)
    _disable(user_id=checked.pk, otp=otp)


@use_case
def _disable(*, user_id: UUID, otp: str) -> None:
    """Locks: the user."""
    user = require_second_factor(user_id, otp)
    if not user.two_factor:
        raise TwoFactorOff
    events.append(switch_off(user))


def _lock(user_id: UUID) -> User:
    (user,) = lock(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    return user


def switch_off_if_none_is_left(user: User) -> None:
    """Without a factor left, recovery codes recover nothing: the second factor is off."""
    apps = Totp.objects.filter(user=user, confirmed_at__isnull=False)
    if apps.exists() or Passkey.objects.filter(user=user).exists():
        return
    RecoveryCode.objects.filter(user=user).delete()
    user.two_factor = False
    user.save(update_fields=["two_factor"])


def switch_off(user: User) -> list[NewEvent]:
    """Take the second factor away from a user who is locked; the events tell him."""
    Totp.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    switch_off_if_none_is_left(user)
    hold_after_change(user, CHANGED)
    return [raise_alert(user, AlertKind.TWO_FACTOR_DISABLED)]


def replace_codes(user: User) -> list[str]:
    codes = [_new_code() for _ in range(_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=digest_of(plain(code)), created_at=clock.now()) for code in codes
    )
    return codes


def _new_code() -> str:
    """80 bits, in base 32 and groups of four."""
    text = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
