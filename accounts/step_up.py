"""Step-up: what matters demands the second factor of those who have one. Building blocks inside a use case.

A code is used up by one statement, so of two uses at once one succeeds; and in the transaction of what it permits, so
a refusal leaves it good. Attempts are counted outside of that, before it begins: see `login_guard.admit_otp`.
"""

from typing import Final
from uuid import UUID

from accounts import login_guard, totp
from accounts.errors import AuthenticationFailed, OtpInvalid, OtpRequired
from accounts.models import RecoveryCode, StepUpCode, Totp, User
from accounts.tokens import digest_of
from iqx.core import clock, crypto
from iqx.core.locking import LockRank, lock_one

TOTP_PURPOSE: Final = "totp"


def require_second_factor(user_id: UUID, otp: str) -> User:
    """Lock a user and return him as he is now; if he has a second factor, use up `otp`.

    Locks: the user. Nothing of a higher rank may be locked before.
    Raises: OtpRequired: he has a second factor, and `otp` is empty. OtpInvalid. AuthenticationFailed: he is gone.
    """
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    if user is None:
        raise AuthenticationFailed
    prove(user, otp)
    return user


def prove(user: User, otp: str) -> None:
    """The same for a user who is locked already. Raises: OtpRequired, OtpInvalid."""
    if not user.two_factor:
        return
    if not otp:
        raise OtpRequired
    if otp.startswith(login_guard.SIGNED):
        if not _use_step_up_code(user, otp):
            raise OtpInvalid
        return
    if not (use_totp(user, otp) or _use_recovery_code(user, otp)):
        raise OtpInvalid
    login_guard.otp_succeeded(user.pk)


def use_totp(user: User, code: str, *, confirmed: bool = True) -> bool:
    """Use up a code of the user's authenticator app, if it is right and was not used before."""
    mine = Totp.objects.filter(user=user, confirmed_at__isnull=not confirmed)
    app = mine.first()
    step = app and totp.step_of(crypto.unseal(app.secret, purpose=TOTP_PURPOSE), code)
    return bool(step and mine.filter(last_step__lt=step).update(last_step=step))


def _use_recovery_code(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, digest=digest_of(plain(code)), used_at=None)
    return bool(unused.update(used_at=clock.now()))


def _use_step_up_code(user: User, code: str) -> bool:
    """What a passkey's signature was exchanged for."""
    live = StepUpCode.objects.filter(user=user, digest=digest_of(code), expires_at__gt=clock.now())
    return bool(live.delete()[0])


def plain(code: str) -> str:
    """A recovery code without what people add or change when they type it."""
    return "".join(code.split()).replace("-", "").upper()
