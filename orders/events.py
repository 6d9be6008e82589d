"""Events of orders: to the owner with everything, to the market without names."""

from decimal import Decimal
from functools import partial

from iqx.core.events import NewEvent, market_stream, once, user_stream
from iqx.core.hot import snapshot
from orders.models import Order
from orders.representations import level_change, owners_own_json, public_order_json


def order_event(
    order: Order, type: str, *, level: tuple[Decimal, int] | None = None, public: bool = True
) -> list[NewEvent]:
    """`type` for the owner and for the market; `level` is what it adds to the book: (amount, number of orders).

    Of what isn't `public`, and of a private order, the market hears nothing.
    """
    book = [level_change(order, *level)] if level else None
    order = snapshot(order)
    shared = once(partial(public_order_json, order))
    private = NewEvent(user_stream(order.owner_id), type, lambda: shared() | owners_own_json(order))
    if order.link or not public:
        return [private]
    return [private, NewEvent(market_stream(order.market_id), type, shared, book)]


def order_left_the_book(order: Order, type: str, *, was_open: bool) -> list[NewEvent]:
    """An order's end. One that nobody was told of (cancelled while pending) ends in silence for the market."""
    level = (-(order.amount - order.filled), -1) if was_open else None
    return order_event(order, type, level=level, public=order.announced)
