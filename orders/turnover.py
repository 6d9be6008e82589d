"""The daily limit: what a user ordered on one UTC day, less what of it was given up unfilled.

Counting what is ordered, not what is filled, makes the limit hold whatever is filled when. The row of the day is
locked from the reading on, so that two orders at once can't both take the last of it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.models import User
from iqx.core.locking import LockRank, enter
from iqx.core.money import ZERO
from orders.models import Turnover

_TAKE = """
INSERT INTO orders_turnover (user_id, day, amount) VALUES (%s, %s, %s)
ON CONFLICT (user_id, day) DO UPDATE SET amount = orders_turnover.amount + excluded.amount
RETURNING amount
"""
_GIVE_BACK = "UPDATE orders_turnover SET amount = amount - %s WHERE user_id = %s AND day = %s"
_GIVE_UP = """
WITH changes AS (
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::numeric[]) AS c(user_id, day, change)
), locked AS (
    SELECT t.id, c.change FROM orders_turnover t JOIN changes c USING (user_id, day)
    ORDER BY t.id FOR NO KEY UPDATE OF t
)
UPDATE orders_turnover t SET amount = greatest(t.amount - locked.change, 0) FROM locked WHERE t.id = locked.id
"""


def take(owner: User, day: date, wanted: Decimal) -> Decimal:
    """Count `wanted` USDT that the owner means to order, and return how many of them he may.

    The caller gives back (`give_back`) what he does not order in the end; nobody else changes the row until he commits.
    """
    enter(LockRank.TURNOVER)
    limit: Decimal = settings.DAILY_LIMITS[owner.kyc_level]["trade"]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [owner.id, day, wanted])
        (ordered,) = cursor.fetchone()
    return max(limit - Decimal(ordered) + wanted, ZERO)


def give_back(owner: User, day: date, unused: Decimal) -> None:
    """Uncount what `take` counted too much."""
    if unused:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [unused, owner.id, day])


def give_up(amounts: Mapping[tuple[UUID, date], Decimal]) -> None:
    """Uncount what was ordered and ended unfilled, by user and day: one statement."""
    rows = [(user, day, amount) for (user, day), amount in amounts.items() if amount]
    if rows:
        enter(LockRank.TURNOVER)
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_UP, [list(column) for column in zip(*rows, strict=True)])


def used(owner: User, day: date) -> Decimal:
    """What the owner ordered on a day and did not give up, in USDT."""
    return Turnover.objects.filter(user=owner, day=day).values_list("amount", flat=True).first() or ZERO
