"""Holds on withdrawals: building blocks on a user that is locked already, inside a use case.

Who takes an account over changes what protects it first, and withdraws next. Between the two a hold gives the owner,
who is told by e-mail, time to say that it wasn't he.
"""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.errors import WithdrawalsHeld
from accounts.models import User
from iqx.core import clock


def hold_withdrawals(user: User, until: datetime, reason: str) -> None:
    """Hold the user's withdrawals until then, unless they are held for longer already. `reason` is a code."""
    if user.withdrawals_held_until and user.withdrawals_held_until >= until:
        return
    user.withdrawals_held_until, user.withdrawals_hold_reason = until, reason
    user.save(update_fields=["withdrawals_held_until", "withdrawals_hold_reason"])


def hold_after_change(user: User, reason: str) -> None:
    """Hold withdrawals for as long as the platform does after a change of what protects an account."""
    hours: int = settings.WITHDRAWAL_HOLD_HOURS
    if hours:
        hold_withdrawals(user, clock.now() + timedelta(hours=hours), reason)


def require_no_hold(user: User) -> None:
    """Raises: WithdrawalsHeld."""
    until = user.withdrawals_held_until
    if until and until > clock.now():
        raise WithdrawalsHeld(until=clock.rfc3339(until), reason=user.withdrawals_hold_reason)
