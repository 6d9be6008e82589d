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

_LOCK = """
INSERT INTO orders_turnover (user_id, day, amount) VALUES (%s, %s, 0)
ON CONFLICT (user_id, day) DO UPDATE SET amount = orders_turnover.amount
RETURNING amount
"""
_COUNT = "UPDATE orders_turnover SET amount = amount + %s WHERE user_id = %s AND day = %s"
_ADD = """
WITH changes AS (
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::numeric[]) AS c(user_id, day, change)
), locked AS (
    SELECT t.id, c.change FROM orders_turnover t JOIN changes c USING (user_id, day)
    ORDER BY t.id FOR NO KEY UPDATE OF t
)
UPDATE orders_turnover t SET amount = greatest(t.amount + locked.change, 0) FROM locked WHERE t.id = locked.id
"""


def lock_room(owner: User, day: date) -> Decimal:
    """USDT that the owner may still order on `day`; nobody else changes that until the transaction ends."""
    enter(LockRank.TURNOVER)
    limit: Decimal = settings.DAILY_LIMITS[owner.kyc_level]["trade"]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [owner.id, day])
        (ordered,) = cursor.fetchone()
    return max(limit - Decimal(ordered), ZERO)


def count(owner: User, day: date, amount: Decimal) -> None:
    """Count what the owner orders, in the row that `lock_room` holds."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [amount, owner.id, day])


def add(amounts: Mapping[tuple[UUID, date], Decimal]) -> None:
    """Count (or, negative, give back) amounts by user and day: one statement."""
    rows = sorted((user, day, amount) for (user, day), amount in amounts.items() if amount)
    if rows:
        enter(LockRank.TURNOVER)
        users, days, changes = zip(*rows, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [list(users), list(days), list(changes)])
