"""What keeps available USDT from being withdrawn for a while, and why.

Wallets can't see the trades that they come from: whoever knows a reason registers it (`AppConfig.ready`), and it is
asked when a withdrawal is, under the lock of the wallet. So nothing is written when USDT are bought.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from accounts.models import User
from accounts.trust.rules import NEW_ADDRESS, rule_in_force
from iqx.core.clock import rfc3339
from iqx.core.money import ZERO, usdt
from wallets.errors import WithdrawalHeld
from wallets.models import WithdrawalAddress


@dataclass(frozen=True, slots=True)
class Hold:
    """`amount` USDT can't be withdrawn before `until`; `because` is what their owner is told."""

    rule: str
    amount: Decimal
    until: datetime
    because: str


Source = Callable[[User, datetime], Sequence[Hold]]

_sources: Final[list[Source]] = []


def register(source: Source) -> None:
    """Have `source` asked for the holds on a user's USDT."""
    if source not in _sources:
        _sources.append(source)


def holds_on(user: User, now: datetime) -> list[Hold]:
    return [hold for source in _sources for hold in source(user, now)]


def withdrawable(available: Decimal, holds: Sequence[Hold]) -> Decimal:
    """What of `available` may leave; the fee of a withdrawal is part of it."""
    return max(available - sum((hold.amount for hold in holds), ZERO), ZERO)


def require_not_held(user: User, total: Decimal, available: Decimal, now: datetime) -> None:
    """Call it with the user's wallet locked, so that two requests can't both take the last that may leave.

    Raises:
        WithdrawalHeld: `total` is there, and part of it is held.
    """
    holds = holds_on(user, now)
    free = withdrawable(available, holds)
    if holds and free < total <= available:
        raise WithdrawalHeld(
            " ".join(hold.because for hold in holds),
            held=usdt(sum((hold.amount for hold in holds), ZERO)),
            withdrawable=usdt(free),
            until=rfc3339(max(hold.until for hold in holds)),
        )


def require_known_address(user: User, network: str, address: str, now: datetime) -> None:
    """Check that the address has been in the user's address book for long enough.

    Raises:
        WithdrawalHeld: it has not; without `until` if it is not there at all.
    """
    rule = rule_in_force(NEW_ADDRESS)
    if not (rule and rule["hours"]):
        return
    entry = WithdrawalAddress.objects.filter(user=user, network=network, address=address).first()
    usable_from = entry.created_at + timedelta(hours=rule["hours"]) if entry else None
    if usable_from is None or usable_from > now:
        until = rfc3339(usable_from) if usable_from else None
        raise WithdrawalHeld(NEW_ADDRESS.explain(hours=rule["hours"]), until=until)
