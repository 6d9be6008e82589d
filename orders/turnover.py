"""The daily limit: what a user ordered on one UTC day, less what of it was given up unfilled.

Counting what is ordered, not what is filled, makes the limit hold whatever is filled when. The row of the day is
locked from the reading on, so that two orders at once can't both take the last of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from accounts.models import User
from iqx.core import hot
from iqx.core.locking import LockRank, enter
from iqx.core.money import ZERO
from orders.models import Turnover

# In the order of the ids, as rows of one kind are locked everywhere.
_LOCK = """
INSERT INTO orders_turnover AS t (user_id, day, amount) SELECT owner, %s, 0 FROM unnest(%s::uuid[]) AS owner
ON CONFLICT (user_id, day) DO UPDATE SET amount = t.amount RETURNING user_id, amount
"""
_ADD = """
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


def lock_rooms(owners: Sequence[User], day: date) -> Callable[[], dict[UUID, Decimal]]:
    """Ask how many USDT each may still order on `day`; nobody else changes that before the transaction ends.

    Locks: the owners' turnovers of the day.
    """
    enter(LockRank.TURNOVER)
    answer = hot.ask(_LOCK, [day, sorted(owner.id for owner in owners)])

    def rooms() -> dict[UUID, Decimal]:
        ordered = dict(answer.rows())
        return {owner.id: max(_limit_of(owner) - ordered[owner.id], ZERO) for owner in owners}

    return rooms


def _limit_of(owner: User) -> Decimal:
    limit: Decimal = settings.DAILY_LIMITS[owner.kyc_level]["trade"]
    return limit


def add(ordered: Mapping[UUID, Decimal], day: date) -> None:
    """Count what was ordered, within the rooms that are locked."""
    rows = [(owner_id, amount) for owner_id, amount in ordered.items() if amount]
    if rows:
        hot.run(_ADD, [*([*column] for column in zip(*rows, strict=True)), day])


def give_up(amounts: Mapping[tuple[UUID, date], Decimal]) -> None:
    """Uncount what was ordered and ended unfilled, by user and day: one statement."""
    rows = [(user, day, amount) for (user, day), amount in amounts.items() if amount]
    if rows:
        enter(LockRank.TURNOVER)
        hot.run(_GIVE_UP, [list(column) for column in zip(*rows, strict=True)])


def room_left(owner: User, day: date) -> Decimal:
    """What the owner may still order on a day, as it is now. `lock_rooms` is for who orders."""
    return max(_limit_of(owner) - used(owner, day), ZERO)


def used(owner: User, day: date) -> Decimal:
    """What the owner ordered on a day and did not give up, in USDT."""
    return Turnover.objects.filter(user=owner, day=day).values_list("amount", flat=True).first() or ZERO
