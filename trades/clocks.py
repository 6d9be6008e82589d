"""Deadlines: rows that any number of workers claim, each trade in a transaction of its own.

They are outage-aware: what the platform slept is added to them before any is enforced (`extend_deadlines`).
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Coalesce

from iqx.core import clock, events
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case
from orders.book import lock_books
from trades.escrow import Action, Actor, Status, advance
from trades.models import Trade

AT_DEADLINE = {
    Status.AWAITING_PAYMENT: Action.EXPIRE,
    Status.EXPIRED: Action.END_GRACE,
    Status.PAID: Action.REMIND,
    Status.DISPUTED: Action.ESCALATE,
}
"""What the clock does in each live state. A seller who was reminded already is the disputes app's business."""


def advance_due_trades(limit: int = 100) -> int:
    """Take the next step of trades whose deadline has passed; how many took it.

    Emits: trade_expired, trade_cancelled, trade_reminder, trade_escalated, and what follows from them.
    """
    due = Trade.objects.filter(deadline__lte=clock.now()).exclude(status=Status.PAID, reminded=True)
    found = list(due.order_by("deadline").values_list("id", "market_id")[:limit])
    return sum(_advance_due(trade_id, market) for trade_id, market in found)


@use_case
def _advance_due(trade_id: UUID, market: str) -> bool:
    lock_books([market])
    due = Trade.objects.filter(pk=trade_id, deadline__lte=clock.now()).select_related("buyer", "seller")
    claimed = lock(LockRank.TRADE, due, skip_locked=True)
    for trade in claimed:
        if not (trade.status == Status.PAID and trade.reminded):
            events.append(advance(trade, AT_DEADLINE[Status(trade.status)], Actor.SYSTEM))
    return bool(claimed)


def extend_deadlines(outage: timedelta) -> int:
    """Add what the platform slept to the deadlines of all live trades, visibly; how many there were.

    Called in the transaction that notes the outage as dealt with.
    """
    added = ExpressionWrapper(Value(outage, DurationField()), output_field=DurationField())
    return Trade.objects.filter(deadline__isnull=False).update(
        deadline=F("deadline") + added,
        extended=Coalesce(F("extended"), Value(timedelta(0), DurationField())) + added,
        version=F("version") + 1,
    )
