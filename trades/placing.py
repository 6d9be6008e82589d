"""Placing orders and matching them: in one transaction if the book can be had soon, else in two steps.

The threads of a process queue at a counter for their market. Whoever comes to its head accepts and matches the orders
of all who stand there, in one transaction. Who can't be served soon goes in two steps (`orders.services.place_orders`,
then `trades.matching_run.match_market`), which share one matching run among processes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from accounts.models import User
from iqx.core import hot, metrics
from iqx.core.errors import Busy
from iqx.core.locking import LockRank, enter
from iqx.core.transactions import under_way, use_case
from orders.acceptance import Acceptance, Wish, write_pending
from orders.candidates import ask_candidates
from orders.models import Order
from orders.placing import NewOrder, Placement
from orders.services import place_orders
from trades.counters import Counter
from trades.matching_run import BATCH, MatchingRun
from trades.models import Trade

_LOCK_BOOK: Final = f"SELECT 1 FROM orders_book WHERE market_id = %s AND {hot.BY_INDEX} FOR NO KEY UPDATE"  # noqa: S608

_PATIENCE_S: Final = 0.25
_counters: "Final[list[Counter[_Request]]]" = [Counter(BATCH) for _ in range(64)]  # by market, near enough


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


@dataclass(slots=True)
class _Request:
    """New orders of one market, as one caller wants them placed, and what became of them."""

    owner: User
    new: Sequence[NewOrder]
    placed: Placed | None = None
    error: Exception | None = None


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
    request = _Request(owner, new)
    counter = _counters[hash(symbols.pop()) % len(_counters)]
    counter.go(request, len(new), _serve, _PATIENCE_S, alone=under_way())
    if request.error:
        raise request.error
    return request.placed or Placed(place_orders(owner=owner, new=new))


def _serve(company: Sequence[_Request]) -> None:
    """Place what belongs together: the orders of one market at a time. Whom the book keeps waiting isn't served."""
    markets = defaultdict(list)
    for request in company:
        markets[request.new[0].market].append(request)
    for requests in markets.values():
        _place_together(requests)


def _place_together(requests: Sequence[_Request]) -> None:
    """Place the orders of one market; what goes wrong with those of one caller is his alone."""
    try:
        with metrics.matching("at_once"):
            outcomes = _place_at_book(requests)
        for request, placed in zip(requests, outcomes, strict=True):
            request.placed = placed
    except Busy:
        return  # nothing was changed; the orders wait in company
    except (OperationalError, InterfaceError):
        raise  # the connection may have been lost after the commit: nobody knows
    except Exception as error:
        if len(requests) == 1:
            requests[0].error = error
            return
        for request in requests:
            _place_together([request])


@use_case(pipelined=True)
def _place_at_book(requests: Sequence[_Request]) -> list[Placed]:
    """Accept orders of one market and match them, unless others wait there: then they are accepted only.

    Locks: the book; the owners' turnovers, the wallets of those who sell; streams. Raises: Busy.
    Emits: what placing and matching emit.
    """
    symbol = requests[0].new[0].market
    enter(LockRank.MARKET)
    hot.run(_LOCK_BOOK, [symbol])
    wishes = _wishes_of(requests)
    accepted = Acceptance(list(wishes.values()))  # what it asks sees what was committed while the lock was waited for
    new = [wanted for request in requests for wanted in request.new]
    candidates = ask_candidates(symbol, new, wishes.keys(), accepted.now)
    accepted.decide()
    if accepted.others_wait or not accepted.fresh:
        write_pending(accepted)
        return _outcomes(requests, wishes, [])
    run = MatchingRun(accepted.fresh[0].market, accepted.fresh, candidates)
    run.plan()
    accepted.count(given_up=run.changes.take_unfilled(wishes.keys()))
    run.write(accepted)
    outcomes = _outcomes(requests, wishes, run.trades)
    outcomes[0].requeued = {order.market_id for order in run.requeued}
    return outcomes


def _wishes_of(requests: Sequence[_Request]) -> dict[UUID, Wish]:
    """One wish an owner, with all that he wants."""
    new: defaultdict[UUID, list[NewOrder]] = defaultdict(list)
    for request in requests:
        new[request.owner.id] += request.new
    return {request.owner.id: Wish(request.owner, new[request.owner.id]) for request in requests}


def _outcomes(requests: Sequence[_Request], wishes: Mapping[UUID, Wish], trades: Sequence[Trade]) -> list[Placed]:
    """What became of each caller's orders."""
    made = defaultdict(list)
    for trade in trades:
        made[trade.buy_order_id].append(trade)
        made[trade.sell_order_id].append(trade)
    placements = {owner_id: iter(wish.placements) for owner_id, wish in wishes.items()}
    outcomes = []
    for request in requests:
        own = list(islice(placements[request.owner.id], len(request.new)))
        ids = dict.fromkeys(placement.order.id for placement in own if placement.order)
        outcomes.append(Placed(own, [trade for pk in ids for trade in made[pk]]))
    return outcomes
