from uuid import UUID

from django.db.models import QuerySet

from disputes.models import Dispute
from disputes.services.case import open_case
from iqx.core import clock, rounds
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case
from trades.escrow import Actor, Status
from trades.models import Trade


def open_overdue_disputes(limit: int = 100) -> int:
    """Open disputes about trades whose seller was reminded and still has not released; how many were opened.

    Any number of workers may do so at once: a trade that another one holds is left to it.
    """
    found = list(_overdue().order_by("deadline").values_list("pk", flat=True)[:limit])
    return rounds.each(found, _open_overdue)


@use_case
def _open_overdue(trade_id: UUID) -> bool:
    """Locks: the trade, streams. Emits: trade_disputed, dispute_updated."""
    rows = _overdue().filter(pk=trade_id).select_related("buyer", "seller")
    claimed = lock(LockRank.TRADE, rows, skip_locked=True)
    for trade in claimed:
        open_case(trade, Actor.SYSTEM, Dispute.Reason.NOT_RELEASED)
    return bool(claimed)


def _overdue() -> QuerySet[Trade]:
    return Trade.objects.filter(status=Status.PAID, reminded=True, deadline__lte=clock.now())
