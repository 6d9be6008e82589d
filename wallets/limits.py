"""Daily limits by KYC level: a sliding 24 hours, so that midnight doubles nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet, Sum

from accounts.models import User
from iqx.core import clock
from iqx.core.errors import LimitExceeded
from iqx.core.money import ZERO, usdt
from wallets.models import Deposit, DepositStatus, Withdrawal, WithdrawalStatus

PERIOD = timedelta(hours=24)


def require_deposit_within_limit(user: User, amount: Decimal) -> None:
    """Call it with the user's wallet locked, so that two requests can't both be the last that fits.

    Raises:
        LimitExceeded: the deposits of the last 24 hours and this one are more than the user's KYC level permits.
    """
    _require("deposit", user, amount, _deposits())


def require_withdrawal_within_limit(user: User, amount: Decimal) -> None:
    """The same for withdrawals; one that was cancelled or rejected does not count."""
    _require("withdrawal", user, amount, _withdrawals())


def used(user: User) -> dict[str, Decimal]:
    """USDT of the last 24 hours that count towards the limits of deposits and withdrawals."""
    return {"deposit": _used(user, _deposits()), "withdrawal": _used(user, _withdrawals())}


def _deposits() -> QuerySet[Deposit]:
    return Deposit.objects.exclude(status=DepositStatus.REJECTED)


def _withdrawals() -> QuerySet[Withdrawal]:
    return Withdrawal.objects.exclude(status__in=[WithdrawalStatus.CANCELLED, WithdrawalStatus.REJECTED])


def _used(user: User, counted: QuerySet[Deposit] | QuerySet[Withdrawal]) -> Decimal:
    recent = counted.filter(user=user, created_at__gt=clock.now() - PERIOD)
    return recent.aggregate(total=Sum("amount"))["total"] or ZERO


def _require(
    kind: Literal["deposit", "withdrawal"],
    user: User,
    amount: Decimal,
    counted: QuerySet[Deposit] | QuerySet[Withdrawal],
) -> None:
    limit = settings.DAILY_LIMITS[user.kyc_level][kind]
    so_far = _used(user, counted)
    if so_far + amount > limit:
        raise LimitExceeded(limit=usdt(limit), used=usdt(so_far), period_hours=24)
