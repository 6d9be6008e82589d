"""What incoming orders can reach in the book, read no further than they need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from orders.matching import Arrival, BookOrder, Side, TimeInForce, crosses
from orders.models import Order
from orders.selectors import not_expired

_FEWEST = 25
_GROWTH = 8


@dataclass(slots=True)
class Candidates:
    """The best resting orders that some incoming order crosses.

    `cut_off` has, for each side of which there may be more, the last order that was read.
    """

    resting: list[BookOrder] = field(default_factory=list)
    cut_off: dict[Side, BookOrder] = field(default_factory=dict)

    def suffice_for(self, arrivals: Sequence[Arrival]) -> bool:
        """Whether reading on would change nothing: whoever has something left crosses none of the unread ones."""
        return not any(
            (arrival.rests or arrival.killed)
            and (last := self.cut_off.get(arrival.order.side.opposite))
            and crosses(arrival.order, last)
            for arrival in arrivals
        )


def read_candidates(market: str, incoming: Sequence[BookOrder], now: datetime, attempt: int) -> Candidates:
    """Read what faces `incoming`; eight times as much at each further `attempt`. One query a side."""
    found = Candidates()
    for side in Side:
        facing = [order for order in incoming if order.side is side.opposite]
        if facing:
            _read_side(found, market, side, facing, now, (2 * len(facing) + _FEWEST) * _GROWTH**attempt)
    return found


def _read_side(
    found: Candidates, market: str, side: Side, facing: Sequence[BookOrder], now: datetime, limit: int
) -> None:
    rows = Order.objects.filter(not_expired(now), market_id=market, status=Order.Status.OPEN, side=side)
    if side is Side.SELL:
        rows = rows.filter(price__lte=max(order.price for order in facing)).order_by("price", "priority")
    else:
        rows = rows.filter(price__gte=min(order.price for order in facing)).order_by("-price", "priority")
    columns = ("id", "owner_id", "price", "amount", "filled", "priority", "min_fill", "payment_methods")
    read = [
        BookOrder(
            id=pk,
            owner=owner,
            side=side,
            price=price,
            remaining=amount - filled,
            priority=priority,
            min_fill=min_fill,
            payment_methods=methods,
        )
        for pk, owner, price, amount, filled, priority, min_fill, methods in rows.values_list(*columns)[:limit]
    ]
    found.resting += read
    if len(read) == limit:
        found.cut_off[side] = read[-1]


def as_incoming(order: Order) -> BookOrder:
    """A pending order as the algorithm sees it; made anew for each attempt, since matching counts it down."""
    return BookOrder(
        id=order.id,
        owner=order.owner_id,
        side=Side(order.side),
        price=order.price,
        remaining=order.amount - order.filled,
        priority=order.priority,
        min_fill=order.min_fill,
        payment_methods=order.payment_methods,
        time_in_force=TimeInForce(order.time_in_force),
        post_only=order.post_only,
        only_with=order.only_with,
    )
