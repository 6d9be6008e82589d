"""What incoming orders can reach in the book, read no further than they need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from orders.matching import Arrival, BookOrder, Side, TimeInForce, crosses
from orders.models import Order

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


_FACING = """
SELECT id, owner_id, price, amount - filled, priority, min_fill, payment_methods FROM orders_order
WHERE market_id = %s AND status = 'open' AND side = %s AND {crossed} AND (expires_at IS NULL OR expires_at > %s)
ORDER BY {best_first}, priority LIMIT %s
"""
_ASKS = _FACING.format(crossed="price <= %s", best_first="price")
_BIDS = _FACING.format(crossed="price >= %s", best_first="price DESC")


def _read_side(
    found: Candidates, market: str, side: Side, facing: Sequence[BookOrder], now: datetime, limit: int
) -> None:
    prices = [order.price for order in facing]
    sql, furthest = (_ASKS, max(prices)) if side is Side.SELL else (_BIDS, min(prices))
    with connection.cursor() as cursor:
        cursor.execute(sql, [market, side.value, furthest, now, limit])
        rows = cursor.fetchall()
    read = [
        BookOrder(
            id=pk,
            owner=owner,
            side=side,
            price=price,
            remaining=remaining,
            priority=priority,
            min_fill=min_fill,
            payment_methods=methods,
        )
        for pk, owner, price, remaining, priority, min_fill, methods in rows
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
