"""Floating prices: so many basis points above the market's reference, within the order's own bounds.

Rounded to the market's tick in favour of the order's owner: a sale up, a purchase down. A new reference reprices all
floating orders of the market under the lock of its book. Those whose price changes join the end of the queue, in
their old order among each other, and are matched again; the others keep their place. While the reference is stale,
floating orders are paused. What a sale reserves is USDT, so no price changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Final

from accounts.models import User
from accounts.staff import require_admin
from iqx.core import audit, clock, events, rounds
from iqx.core.errors import Invalid
from iqx.core.events import NewEvent, market_stream
from iqx.core.transactions import use_case
from orders.book import BookChanges, lock_books, next_priorities
from orders.errors import NoReference
from orders.matching import Side
from orders.models import Market, Order, Reference
from orders.representations import reference_json
from orders.selectors import get_market

_WHOLE: Final = 10_000
_MOST: Final = Decimal(10) ** 9
_STALE: Final = Order.Pause.STALE_REFERENCE


@dataclass(frozen=True, slots=True)
class Float:
    """How an order's price follows the reference."""

    premium_bps: int
    min_price: Decimal | None = None
    max_price: Decimal | None = None

    def price(self, side: Side, reference: Decimal, tick: Decimal) -> Decimal:
        """Never below one tick."""
        with localcontext(prec=50):
            ticks = reference * (_WHOLE + self.premium_bps) / _WHOLE / tick
            price = ticks.to_integral_value(ROUND_CEILING if side is Side.SELL else ROUND_FLOOR) * tick
        if self.min_price is not None:
            price = max(price, self.min_price)
        if self.max_price is not None:
            price = min(price, self.max_price)
        return max(price, tick)


def current_price(reference: Reference | None, float_: Float, side: Side, market: Market, now: datetime) -> Decimal:
    """What a new floating order costs. Raises: NoReference."""
    if reference is None or reference.valid_until <= now:
        raise NoReference
    return float_.price(side, reference.price, market.tick_size)


@use_case
def set_reference(*, symbol: str, price: Decimal, actor: User | None, valid_for: timedelta, reason: str = "") -> int:
    """Set a market's reference, as an admin or (without an actor) from the feed; how many orders that repriced.

    They are `pending`, and the caller matches the market next.

    Locks: the book, streams. Raises: NotAllowed, NotFound, Invalid, Busy. Emits: reference_updated to the market if
    the price is another one or was stale; order_updated.
    """
    if actor is not None:
        require_admin(actor)
    get_market(symbol)
    if not 0 < price < _MOST:
        raise Invalid("This is no price.", field="price")
    (market,) = lock_books([symbol])
    before, now = Reference.objects.filter(pk=symbol).first(), clock.now()
    reference, _ = Reference.objects.update_or_create(
        pk=symbol,
        defaults={
            "price": price,
            "source": Reference.Source.STAFF if actor else Reference.Source.FEED,
            "set_by": actor,
            "at": now,
            "valid_until": now + valid_for,
            "is_fresh": True,
        },
    )
    if actor is not None:
        audit.record(
            "reference_set",
            actor=actor,
            subject=market,
            before=audit.values_of(before, "price", "source") if before else {},
            after=audit.values_of(reference, "price", "valid_until"),
            reason=reason,
        )
    if before and before.price == price and before.is_fresh:
        return 0
    changes = BookChanges(now)
    _reprice(market, price, changes)
    changes.write()
    events.append([_told(reference), *changes.events])
    return changes.count


def _told(reference: Reference) -> NewEvent:
    return NewEvent(market_stream(reference.market_id), "reference_updated", reference_json(reference))


def _reprice(market: Market, reference: Decimal, changes: BookChanges) -> None:
    """Give each floating order of a locked book its price, and back those that had none."""
    moved = []
    for order in _floating(market.symbol):
        price = float_of(order).price(Side(order.side), reference, market.tick_size)
        if price != order.price or order.status == Order.Status.PAUSED:
            moved.append((order, price))
    for (order, price), priority in zip(moved, next_priorities(len(moved)), strict=True):
        if order.status == Order.Status.PAUSED and _STALE in (order.paused_for or ()):
            changes.resume(order, _STALE)
        elif order.price != price:
            changes.requeue(order)
        else:
            continue
        order.price, order.priority = price, priority


def float_of(order: Order) -> Float:
    """Of a floating order."""
    return Float(order.premium_bps or 0, order.min_price, order.max_price)


def _floating(symbol: str) -> Sequence[Order]:
    rows = Order.objects.filter(market_id=symbol, status__in=Order.LIVE, premium_bps__isnull=False)
    return list(rows.order_by("priority"))


def pause_stale() -> int:
    """Take the floating orders of markets whose reference is stale out of the books; of how many markets."""
    stale = Reference.objects.filter(valid_until__lte=clock.now(), is_fresh=True)
    return rounds.each(list(stale.order_by("pk").values_list("pk", flat=True)), _pause_stale)


@use_case
def _pause_stale(symbol: str) -> bool:
    """Locks: the book, streams. Emits: reference_updated, order_updated."""
    lock_books([symbol])
    reference = Reference.objects.get(pk=symbol)
    if not reference.is_fresh or reference.valid_until > clock.now():
        return False
    reference.is_fresh = False
    reference.save(update_fields=["is_fresh"])
    changes = BookChanges()
    for order in _floating(symbol):
        changes.pause(order, _STALE)
    changes.write()
    events.append([_told(reference), *changes.events])
    return True
