"""Deadlines: rows that any number of workers claim, each trade in a transaction of its own.

They are outage-aware: what the platform slept is added to them before any is enforced (`make_good_outages`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import Max

from iqx.core import clock, events, pulse, rounds
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case
from orders.book import lock_books
from trades.escrow import Action, Actor, Status, advance
from trades.events import trade_update
from trades.models import Step, Trade

_NONE: Final = timedelta(0)

AT_DEADLINE = {
    Status.AWAITING_PAYMENT: Action.EXPIRE,
    Status.EXPIRED: Action.END_GRACE,
    Status.PAID: Action.REMIND,
    Status.DISPUTED: Action.ESCALATE,
}
"""What the clock does in each live state. A seller who was reminded already is the disputes app's business."""


def advance_due_trades(limit: int = 100) -> int:
    """Take the next step of trades whose deadline has passed; how many took it. None holds up another.

    Emits: trade_expired, trade_cancelled, trade_reminder, trade_escalated, and what follows from them.
    """
    due = Trade.objects.filter(deadline__lte=clock.now()).exclude(status=Status.PAID, reminded=True)
    by_market = defaultdict(list)
    for trade_id, market in due.order_by("deadline").values_list("id", "market_id")[:limit]:
        by_market[market].append(trade_id)
    return sum(rounds.each(ids, partial(_advance_due, market)) for market, ids in by_market.items())


@use_case
def _advance_due(market: str, trade_id: UUID) -> bool:
    lock_books([market])
    due = Trade.objects.filter(pk=trade_id, deadline__lte=clock.now()).select_related("buyer", "seller")
    claimed = lock(LockRank.TRADE, due, skip_locked=True)
    for trade in claimed:
        if not (trade.status == Status.PAID and trade.reminded):
            events.append(advance(trade, AT_DEADLINE[Status(trade.status)], Actor.SYSTEM))
    return bool(claimed)


@use_case
def make_good_outages() -> int:
    """Give every clock that ran while the platform slept that time back, visibly; how many clocks there were.

    Locks: the pulses, the trades, streams. Emits: trade_extended.
    """
    spans = pulse.owed_spans()
    extended = extend_deadlines(spans) if spans else []
    events.append([event for trade in extended for event in trade_update(trade, "trade_extended")])
    return len(extended)


def extend_deadlines(spans: Sequence[pulse.Span]) -> list[Trade]:
    """Add to the deadline of each live trade what of these disjoint spans its clock ran through.

    Locks: the trades.
    """
    live = lock(LockRank.TRADE, Trade.objects.filter(deadline__isnull=False).select_related("buyer", "seller"))
    started = _clock_starts()
    extended, steps = [], []
    for trade in live:
        ran_since = started.get(trade.id, trade.created_at)
        lost = sum((max(end - max(start, ran_since), _NONE) for start, end in spans), _NONE)
        if lost and trade.deadline:
            trade.deadline += lost
            trade.extended = (trade.extended or _NONE) + lost
            trade.version += 1
            extended.append(trade)
            steps.append(_extension(trade, lost))
    Trade.objects.bulk_update(extended, ["deadline", "extended", "version"], batch_size=500)
    Step.objects.bulk_create(steps, batch_size=500)
    return extended


def _extension(trade: Trade, lost: timedelta) -> Step:
    note = f"{int(lost.total_seconds())} seconds"
    return Step(trade=trade, action="extended", actor=Actor.SYSTEM, status=trade.status, note=note, at=clock.now())


def _clock_starts() -> dict[UUID, datetime]:
    """When the clocks of live trades were last set, where that was by a step after the opening."""
    setting = Step.objects.filter(trade__deadline__isnull=False, action__in=list(Action))
    return dict(setting.values_list("trade_id").annotate(at=Max("at")).order_by())
