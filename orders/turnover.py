"""The daily limit: what a user ordered on one UTC day, less what of it was given up unfilled.

Counting what is ordered, not what is filled, makes the limit hold whatever is filled when. What is wanted is counted
at once, which locks the row of the day, so that two orders can't both take the last of it; then refusals are uncounted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from uuid import UUID

from django.conf import settings

from accounts.models import User
from iqx.core import hot
from iqx.core.locking import LockRank, enter
from iqx.core.money import ZERO
from orders.models import Turnover

# In the order of the ids, as rows of one kind are locked everywhere.
_CLAIM = """
INSERT INTO orders_turnover AS t (user_id, day, amount)
SELECT owner, %s, wanted FROM unnest(%s::uuid[], %s::numeric[]) AS claims(owner, wanted)
ON CONFLICT (user_id, day) DO UPDATE SET amount = t.amount + excluded.amount RETURNING user_id, amount
"""
_CORRECT = """
UPDATE orders_turnover t SET amount = t.amount + c.change
FROM unnest(%s::uuid[], %s::numeric[]) AS c(user_id, change) WHERE t.user_id = c.user_id AND t.day = %s
"""
_GIVE_UP = """
WITH changes AS (
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::numeric[]) AS c(user_id, day, change)
), locked AS (
    SELECT t.id, c.change FROM orders_turnover t JOIN changes c USING (user_id, day)
    ORDER BY t.id FOR NO KEY UPDATE OF t
)
UPDATE orders_turnover t SET amount = greatest(t.amount - locked.change, 0) FROM locked WHERE t.id = locked.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Wanted on `day` and counted already: `amounts` in USDT, by user. `rooms` asks how much each could order."""

    day: date
    amounts: Mapping[UUID, Decimal]
    rooms: Callable[[], dict[UUID, Decimal]]

    def settle(self, ordered: Mapping[UUID, Decimal]) -> None:
        """Count what was ordered in the end, which is not more, instead of what was claimed."""
        changes = {owner_id: ordered[owner_id] - claimed for owner_id, claimed in self.amounts.items()}
        rows = [(owner_id, change) for owner_id, change in changes.items() if change]
        if rows:
            hot.run(_CORRECT, [*([*column] for column in zip(*rows, strict=True)), self.day])


def claim(wanted: Mapping[User, Decimal], day: date) -> Claim:
    """Count what users want to order, at most what they may on one day; refuse by it what is above its `rooms`.

    Locks: the owners' turnovers of the day, until the transaction ends.
    """
    enter(LockRank.TURNOVER)
    amounts = {owner.id: min(wanted[owner], _limit_of(owner)) for owner in sorted(wanted, key=attrgetter("id"))}
    answer = hot.ask(_CLAIM, [day, list(amounts), list(amounts.values())])

    def rooms() -> dict[UUID, Decimal]:
        counted = dict(answer.rows())
        before = {owner_id: counted[owner_id] - amount for owner_id, amount in amounts.items()}
        return {owner.id: max(_limit_of(owner) - before[owner.id], ZERO) for owner in wanted}

    return Claim(day, amounts, rooms)


def _limit_of(owner: User) -> Decimal:
    limit: Decimal = settings.DAILY_LIMITS[owner.kyc_level]["trade"]
    return limit


def give_up(amounts: Mapping[tuple[UUID, date], Decimal]) -> None:
    """Uncount what was ordered and ended unfilled, by user and day: one statement."""
    rows = [(user, day, amount) for (user, day), amount in amounts.items() if amount]
    if rows:
        enter(LockRank.TURNOVER)
        hot.run(_GIVE_UP, [list(column) for column in zip(*rows, strict=True)])


def room_left(owner: User, day: date) -> Decimal:
    """What the owner may still order on a day, as it is now. `claim` is for who orders."""
    return max(_limit_of(owner) - used(owner, day), ZERO)


def used(owner: User, day: date) -> Decimal:
    """What the owner ordered on a day and did not give up, in USDT."""
    return Turnover.objects.filter(user=owner, day=day).values_list("amount", flat=True).first() or ZERO
