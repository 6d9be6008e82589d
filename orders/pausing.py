"""Use cases of who takes his orders out of the book for a while, and puts them back; they keep what they reserve."""

from collections.abc import Collection
from uuid import UUID

from iqx.core import events
from iqx.core.transactions import use_case
from orders.book import BookChanges, lock_books, lock_order, next_priorities
from orders.matching import Side
from orders.models import Order

Pause = Order.Pause


@use_case
def pause_order(*, order_id: UUID, owner_id: UUID) -> Order:
    """Take an order out of the book until its owner resumes it.

    Locks: the book, streams. Raises: NotFound, OrderNotLive, Busy. Emits: order_updated.
    """
    order = lock_order(order_id, owner_id)
    put_aside([order], Pause.BY_OWNER)
    return order


@use_case
def resume_order(*, order_id: UUID, owner_id: UUID) -> Order:
    """Undo `pause_order`. The order is `pending`, for the next matching run, unless something else pauses it, too.

    Locks: the book, streams. Raises: NotFound, OrderNotLive, Busy. Emits: order_updated, or matching does.
    """
    order = lock_order(order_id, owner_id)
    put_back([order], Pause.BY_OWNER)
    return order


@use_case
def pause_all(*, owner_id: UUID, market: str | None = None, side: Side | None = None) -> list[Order]:
    """Pause all live orders of the owner, or those of one market or side; those that are to be matched first, too."""
    orders = lock_live(owner_id, market, side)
    put_aside(orders, Pause.BY_OWNER)
    return orders


@use_case
def resume_all(*, owner_id: UUID, market: str | None = None, side: Side | None = None) -> list[Order]:
    """Undo `pause_all`, and each `pause_order`."""
    orders = lock_live(owner_id, market, side)
    put_back(orders, Pause.BY_OWNER)
    return orders


def lock_live(owner_id: UUID, market: str | None = None, side: Side | None = None) -> list[Order]:
    """The owner's live orders with their books locked, by their place in the queue."""
    rows = Order.objects.filter(owner_id=owner_id, status__in=Order.LIVE)
    if market:
        rows = rows.filter(market_id=market)
    if side:
        rows = rows.filter(side=side)
    locked = lock_books(list(rows.values_list("market_id", flat=True).distinct()))
    return list(rows.filter(market_id__in=[book.pk for book in locked]).order_by("priority"))


def put_aside(orders: Collection[Order], reason: Pause) -> None:
    """Pause orders whose books are locked, as far as they aren't for this reason. Emits: order_updated."""
    changes = BookChanges()
    for order in orders:
        if reason not in (order.paused_for or ()):
            changes.pause(order, reason)
    changes.write()
    events.append(changes.events)


def put_back(orders: Collection[Order], reason: Pause) -> None:
    """Take a reason to pause away from orders whose books are locked; they join the queue's end in their old order."""
    changes = BookChanges()
    paused = [order for order in orders if reason in (order.paused_for or ())]
    for order, priority in zip(paused, next_priorities(len(paused)), strict=True):
        order.priority = priority
        changes.resume(order, reason)
    changes.write()
    events.append(changes.events)
