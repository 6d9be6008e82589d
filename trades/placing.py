"""Placing an order and matching it: in one transaction if the book can be had soon, else in company.

In company is in two steps (`orders.services.place_orders`, then `trades.matching_run.match_market`), so that many share
one matching run. Whoever has the book and nobody before him needs none: his orders are written as matching leaves
them, once, with one commit. The threads of a process take turns among themselves before they ask the database.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.db import transaction

from accounts.models import User
from iqx.core import hot, metrics
from iqx.core.errors import Busy
from iqx.core.locking import LockRank, enter
from iqx.core.transactions import use_case
from orders.acceptance import Acceptance, write_pending
from orders.candidates import ask_candidates
from orders.models import Order
from orders.placing import NewOrder, Placement
from orders.services import place_orders
from trades.matching_run import MatchingRun
from trades.models import Trade

_LOCK_BOOK: Final = "SELECT 1 FROM orders_book WHERE market_id = %s FOR NO KEY UPDATE"
# A statement of its own, so that it sees what was committed while the lock was waited for.
_OTHERS_WAIT: Final = "SELECT 1 FROM orders_order WHERE market_id = %s AND status = 'pending' LIMIT 1"

_PATIENCE_S: Final = 0.25
_turns: Final = [threading.Lock() for _ in range(64)]  # by market, near enough; a name that is none takes no room


@dataclass(slots=True)
class Placed:
    """What became of new orders, and the `trades` that they made; in the `pending` markets there is more to match."""

    placements: list[Placement]
    trades: list[Trade] = field(default_factory=list)
    requeued: set[str] = field(default_factory=set)

    @property
    def pending(self) -> set[str]:
        orders = [placement.order for placement in self.placements if placement.order]
        return self.requeued | {order.market_id for order in orders if order.status == Order.Status.PENDING}


def place(*, owner: User, new: Sequence[NewOrder]) -> Placed:
    """Accept orders, as `orders.services.place_orders` does, and match them if their book can be had soon.

    One refusal spoils none of the others. What is left `pending` the caller has matched next.
    """
    placed = _place(owner, new)
    transaction.on_commit(partial(_count, placed.placements))
    return placed


def _count(placements: Sequence[Placement]) -> None:
    for placement in placements:
        if placement.order and not placement.repeated:
            metrics.orders.labels(placement.order.market_id, placement.order.side).inc()
        elif placement.error:
            metrics.orders_refused.labels(placement.error.code).inc()


def _place(owner: User, new: Sequence[NewOrder]) -> Placed:
    symbols = {wanted.market for wanted in new}
    if len(symbols) != 1 or any(wanted.floats for wanted in new):
        return Placed(place_orders(owner=owner, new=new))
    turn = _turns[hash(symbols.pop()) % len(_turns)]
    if turn.acquire(timeout=_PATIENCE_S):
        try:
            with metrics.matching("at_once"):
                return _place_at_book(owner=owner, new=new)
        except Busy:
            pass  # nothing was changed; the orders wait in company
        finally:
            turn.release()
    return Placed(place_orders(owner=owner, new=new))


@use_case(pipelined=True)
def _place_at_book(*, owner: User, new: Sequence[NewOrder]) -> Placed:
    """Accept orders of one market and match them, unless others wait there: then they are accepted only.

    Locks: the book; the owner's turnover, his wallet if he sells; streams. Raises: Busy.
    Emits: what placing and matching emit.
    """
    symbol = new[0].market
    enter(LockRank.MARKET)
    hot.run(_LOCK_BOOK, [symbol])
    others_wait = hot.ask(_OTHERS_WAIT, [symbol])
    accepted = Acceptance(owner, new)
    candidates = ask_candidates(symbol, new, [owner.id], accepted.now)
    placements = accepted.decide()
    if others_wait.rows() or not accepted.fresh:
        write_pending(accepted)
        return Placed(placements)
    run = MatchingRun(accepted.fresh[0].market, accepted.fresh, candidates)
    run.plan()
    accepted.count(given_up=run.changes.unfilled_of(owner.id))
    run.write(accepted)
    return Placed(placements, run.trades, requeued={order.market_id for order in run.requeued})
