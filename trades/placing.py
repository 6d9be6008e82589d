"""Placing an order and matching it, in one transaction where nobody else is at the book.

The usual way is two steps (`orders.services.place_orders`, then `trades.matching_run.match_market`), so that many who
come at once share one matching run. Whoever finds the book free and nobody before him needs no company: his orders
are written as matching leaves them, once, with one commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from accounts.models import User
from iqx.core import hot
from iqx.core.locking import LockRank, enter
from iqx.core.transactions import use_case
from orders.acceptance import Acceptance, write_pending
from orders.candidates import ask_candidates
from orders.models import Order
from orders.placing import NewOrder, Placement
from trades.matching_run import MatchingRun
from trades.models import Trade

# No row: somebody else has the book. NULL: his orders wait there.
_LOCK_FREE_BOOK: Final = """
SELECT market_id, (SELECT 1 FROM orders_order o WHERE o.market_id = b.market_id AND o.status = 'pending' LIMIT 1)
FROM orders_book b WHERE market_id = %s FOR NO KEY UPDATE SKIP LOCKED
"""


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


@use_case(pipelined=True)
def place(*, owner: User, new: Sequence[NewOrder]) -> Placed:
    """Accept orders, as `orders.services.place_orders` does, and match them at once if their book is free.

    Locks: the book, if it is free; the owner's turnover, his wallet if he sells; streams.
    Emits: what placing and matching emit.
    """
    symbol, *others = sorted({wanted.market for wanted in new}) or [""]
    free = None if others else _ask_for_book(symbol)
    accepted = Acceptance(owner, new)
    candidates = ask_candidates(symbol, new, [owner.id], accepted.now)
    placements = accepted.decide()
    is_free = free is not None and free.rows() == [(symbol, None)]
    if not is_free or not accepted.fresh:
        write_pending(accepted)
        return Placed(placements)
    run = MatchingRun(accepted.fresh[0].market, accepted.fresh, candidates)
    run.plan()
    accepted.count(given_up=run.changes.unfilled_of(owner.id))
    run.write(accepted)
    return Placed(placements, run.trades, requeued={order.market_id for order in run.requeued})


def _ask_for_book(symbol: str) -> hot.Answer:
    enter(LockRank.MARKET)
    return hot.ask(_LOCK_FREE_BOOK, [symbol])
