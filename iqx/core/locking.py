"""Row locks, taken in one order everywhere, so that no two use cases can wait for each other in a circle.

The order is `LockRank`; inside a rank it is the primary key. `FOR NO KEY UPDATE` is strong enough for every change
that we make (none changes a key) and lets foreign keys to the row be checked meanwhile. A use case locks before its
first check; a lock out of order is a fault of the program, and is raised as one.
"""

from enum import IntEnum
from typing import TypeVar

from django.db.models import Model, QuerySet

from iqx.core.transactions import current_unit

M = TypeVar("M", bound=Model)


class LockRank(IntEnum):
    PULSE = 0
    ACCOUNT = 1
    MARKET = 2
    ORDER = 3
    TRADE = 4
    DISPUTE = 5
    TICKET = 6
    MONEY_REQUEST = 7  # deposits and withdrawals
    TURNOVER = 8
    WALLET = 9
    NOTICE = 10  # what people are told, and how
    STREAM = 11
    AUDIT = 12  # the head of the audit trail's chain, for who seals it; writing to the trail takes no lock


class LockOrderViolated(RuntimeError):
    """A use case took its locks in an order that could deadlock."""


def enter(rank: LockRank) -> None:
    """State that locks of `rank` are taken now. For SQL that locks by itself; `lock` calls it for you."""
    unit = current_unit()
    if rank < unit.lock_rank:
        raise LockOrderViolated(f"{rank.name} after {LockRank(unit.lock_rank).name}")
    unit.lock_rank = rank


def lock(rank: LockRank, rows: QuerySet[M], *, skip_locked: bool = False) -> list[M]:
    """Lock `rows` in primary-key order until the transaction ends, and return them as they are now.

    With `skip_locked` the rows that someone else holds are left out, so that several workers share a queue.

    Raises:
        LockOrderViolated: a row of a higher rank is locked already.
    """
    enter(rank)
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",), skip_locked=skip_locked))


def lock_one(rank: LockRank, rows: QuerySet[M]) -> M | None:
    """Lock the row that `rows` names, if there is one."""
    locked = lock(rank, rows)
    return locked[0] if locked else None
