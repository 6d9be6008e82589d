"""The matching algorithm: price-time priority over compatible pairs. Pure: orders in, outcome out, no database.

Each incoming order, oldest first, meets the best resting order of the other side, and the next best, as long as
prices cross. A pair trades if it is compatible:

* the owners differ, and neither has blocked the other;
* the payment methods intersect (an order that names none accepts any);
* each owner meets what the other's order requires of him;
* the fill is at least both sides' minimum. What is left of an order may be smaller than its minimum; then it
  trades whole or not at all, since else no one could ever buy the rest.

No fill is larger than either side's maximum. An incoming order trades with each resting one once at most: what a
maximum leaves over meets the next ones, then rests or ends as any remainder. A private order meets only who names it.

The fill price is the resting order's. What is left of an incoming order rests (GTC, GTD), or is cancelled (IOC). FOK
trades whole or is cancelled. A post-only order that would trade is cancelled instead.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from accounts.trust.standing import Requirements, Standing


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class TimeInForce(StrEnum):
    GTC = "GTC"  # good till cancelled
    GTD = "GTD"  # good till date
    IOC = "IOC"  # immediate or cancel
    FOK = "FOK"  # fill or kill


class CloseReason(StrEnum):
    """Why an order ended without being filled."""

    BY_OWNER = "by_owner"
    CANCEL_AFTER = "cancel_after"
    BY_STAFF = "by_staff"
    TIME_IS_UP = "time_is_up"
    IOC_REMAINDER = "ioc_remainder"
    FOK_UNFILLED = "fok_unfilled"
    POST_ONLY_WOULD_TRADE = "post_only_would_trade"
    OFFER_GONE = "offer_gone"


@dataclass(slots=True)
class BookOrder:
    """An order as matching sees it. `remaining` is counted down; `priority` is unique, smaller is older."""

    id: UUID
    owner: UUID
    side: Side
    price: Decimal
    remaining: Decimal
    priority: int
    min_fill: Decimal = Decimal(0)
    payment_methods: Sequence[str] = ()
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    only_with: UUID | None = None
    """The one resting order that this one takes, if a given offer was chosen."""
    shuns: Set[UUID] = frozenset()
    """Whom an incoming order must not meet: those whom its owner has blocked, and who have blocked him."""
    max_fill: Decimal | None = None
    requires: Requirements | None = None
    standing: Standing | None = None
    """Of its owner; needed only if an order that it may meet requires something."""
    private: bool = False

    @property
    def smallest_fill(self) -> Decimal:
        return min(self.min_fill, self.remaining)


@dataclass(frozen=True, slots=True)
class Fill:
    maker: UUID
    taker: UUID
    price: Decimal
    amount: Decimal
    payment_method: str | None


@dataclass(slots=True)
class Arrival:
    """What became of one incoming order: its fills, then either it `rests`, is filled, or was `killed`.

    One that rests may have been filled by a later one when `match` returns.
    """

    order: BookOrder
    fills: list[Fill] = field(default_factory=list)
    rests: bool = False
    killed: CloseReason | None = None


class Book:
    """Both sides of a market, best first; oldest first at one price."""

    def __init__(self, resting: Iterable[BookOrder] = ()) -> None:
        self._sides: dict[Side, list[BookOrder]] = {Side.BUY: [], Side.SELL: []}
        for order in resting:
            self._sides[order.side].append(order)
        for orders in self._sides.values():
            orders.sort(key=_rank)

    def facing(self, order: BookOrder) -> Iterator[BookOrder]:
        """Resting orders that `order` crosses, in the order in which it meets them."""
        for resting in self._sides[order.side.opposite]:
            if not crosses(order, resting):
                return
            if resting.remaining and (order.only_with == resting.id or not (order.only_with or resting.private)):
                yield resting

    def rest(self, order: BookOrder) -> None:
        insort(self._sides[order.side], order, key=_rank)

    def sweep(self, side: Side) -> None:
        """Forget the filled orders of `side`."""
        self._sides[side] = [order for order in self._sides[side] if order.remaining]


def _rank(order: BookOrder) -> tuple[Any, int]:
    return (-order.price if order.side is Side.BUY else order.price), order.priority


def crosses(order: BookOrder, resting: BookOrder) -> bool:
    """Whether the buyer pays at least what the seller asks."""
    if order.side is Side.BUY:
        return order.price >= resting.price
    return order.price <= resting.price


def shared_method(maker: BookOrder, taker: BookOrder) -> str | None:
    """The first of the maker's methods that the taker accepts too; None if neither names any.

    Raises:
        LookupError: both name methods, and have none in common.
    """
    if not maker.payment_methods:
        return taker.payment_methods[0] if taker.payment_methods else None
    if not taker.payment_methods:
        return maker.payment_methods[0]
    for method in maker.payment_methods:
        if method in taker.payment_methods:
            return method
    raise LookupError


def fill_between(maker: BookOrder, taker: BookOrder) -> Fill | None:
    """The fill that a crossing pair makes, None if they are not compatible."""
    amount = min(maker.remaining, taker.remaining)
    if maker.owner == taker.owner or maker.owner in taker.shuns:
        return None
    if not (_accepts(maker, taker) and _accepts(taker, maker)):
        return None
    for order in (maker, taker):
        if order.max_fill is not None and order.max_fill < amount:
            amount = order.max_fill
    if amount < maker.smallest_fill or amount < taker.smallest_fill:
        return None
    try:
        method = shared_method(maker, taker)
    except LookupError:
        return None
    return Fill(maker.id, taker.id, maker.price, amount, method)


def _accepts(order: BookOrder, other: BookOrder) -> bool:
    if order.requires is None:
        return True
    return other.standing is not None and not order.requires.unmet_by(other.standing)


def match(incoming: Sequence[BookOrder], resting: Iterable[BookOrder]) -> list[Arrival]:
    """Match `incoming` in the order given against `resting` and against those of them that came to rest.

    Counts down `remaining` of all orders concerned. One `Arrival` each, in the order given. No two orders are left
    that would trade, but for pairs whose fill a maximum has cut, and for makers that came below their own minimum:
    match those again (see `_pairs`).
    """
    book = Book(resting)
    return [_arrive(order, book) for order in incoming]


def _arrive(order: BookOrder, book: Book) -> Arrival:
    arrival = Arrival(order)
    if order.private:
        book.rest(order)
        arrival.rests = True
        return arrival
    if order.post_only and next(_pairs(order, book), None):
        arrival.killed = CloseReason.POST_ONLY_WOULD_TRADE
        return arrival
    pairs = _trade(order, book)
    if order.remaining and order.time_in_force is TimeInForce.FOK:
        _undo(order, pairs)
        arrival.killed = CloseReason.OFFER_GONE if order.only_with else CloseReason.FOK_UNFILLED
        return arrival
    arrival.fills = [fill for _, fill in pairs]
    if pairs:
        book.sweep(order.side.opposite)
    if order.remaining:
        if order.time_in_force is TimeInForce.IOC:
            arrival.killed = CloseReason.IOC_REMAINDER
        else:
            book.rest(order)
            arrival.rests = True
    return arrival


def _trade(order: BookOrder, book: Book) -> list[tuple[BookOrder, Fill]]:
    pairs = []
    for maker, fill in _pairs(order, book):
        maker.remaining -= fill.amount
        order.remaining -= fill.amount
        pairs.append((maker, fill))
    return pairs


def _undo(order: BookOrder, pairs: list[tuple[BookOrder, Fill]]) -> None:
    for maker, fill in pairs:
        maker.remaining += fill.amount
        order.remaining += fill.amount


def _pairs(order: BookOrder, book: Book, met: Set[UUID] = frozenset()) -> Iterator[tuple[BookOrder, Fill]]:
    """The pairs that `order` makes, one by one; the caller counts down before it asks for the next.

    What is left of an order may come below its minimum. It then trades whole, perhaps with someone who was too small
    for it before: so it looks once more from the top, but at none that it has `met`.
    """
    met_minimum = order.remaining >= order.min_fill
    for maker in book.facing(order):
        if not order.remaining:
            return
        if maker.id not in met and (fill := fill_between(maker, order)):
            yield maker, fill
            if maker.remaining:
                met |= {maker.id}
            if met_minimum and order.remaining < order.min_fill:
                yield from _pairs(order, book, met)
                return
