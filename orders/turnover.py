"""The daily limit: what a user ordered on one UTC day, less what of it was given up unfilled.

Counting what is ordered, not what is filled, makes the limit hold whatever is filled when. The row of the day is
locked from the reading on, so that two orders at once can't both take the last of it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from accounts.models import User
from iqx.core import hot
from iqx.core.locking import LockRank, enter
from iqx.core.money import ZERO
from orders.models import Turnover

_LOCK = """
INSERT INTO orders_turnover AS t (user_id, day, amount) VALUES (%s, %s, 0)
ON CONFLICT (user_id, day) DO UPDATE SET amount = t.amount RETURNING amount
"""
_ADD = "UPDATE orders_turnover SET amount = amount + %s WHERE user_id = %s AND day = %s"
_GIVE_UP = """
WITH changes AS (
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::numeric[]) AS c(user_id, day, change)
), locked AS (
    SELECT t.id, c.change FROM orders_turnover t JOIN changes c USING (user_id, day)
    ORDER BY t.id FOR NO KEY UPDATE OF t
)
UPDATE orders_turnover t SET amount = greatest(t.amount - locked.change, 0) FROM locked WHERE t.id = locked.id
"""


def lock_room(owner: User, day: date) -> Callable[[], Decimal]:
    """Ask how many USDT `owner` may still order on `day`; nobody else changes that before the transaction ends.

    Locks: the owner's turnover of the day.
    """
    enter(LockRank.TURNOVER)
    limit: Decimal = settings.DAILY_LIMITS[owner.kyc_level]["trade"]
    answer = hot.ask(_LOCK, [owner.id, day])

    def room() -> Decimal:
        ((ordered,),) = answer.rows()
        return max(limit - Decimal(ordered), ZERO)

    return room


def add(owner: User, day: date, ordered: Decimal) -> None:
    """Count what was ordered, within the room that is locked."""
    if ordered:
        hot.run(_ADD, [ordered, owner.id, day])


def give_up(amounts: Mapping[tuple[UUID, date], Decimal]) -> None:
    """Uncount what was ordered and ended unfilled, by user and day: one statement."""
    rows = [(user, day, amount) for (user, day), amount in amounts.items() if amount]
    if rows:
        enter(LockRank.TURNOVER)
        hot.run(_GIVE_UP, [list(column) for column in zip(*rows, strict=True)])


def room_left(owner: User, day: date) -> Decimal:
    """What the owner may still order on a day, as it is now. `lock_room` is for who orders."""
    limit: Decimal = settings.DAILY_LIMITS[owner.kyc_level]["trade"]
    return max(limit - used(owner, day), ZERO)


def used(owner: User, day: date) -> Decimal:
    """What the owner ordered on a day and did not give up, in USDT."""
    return Turnover.objects.filter(user=owner, day=day).values_list("amount", flat=True).first() or ZERO
