"""What incoming orders can reach in the book, read no further than they need."""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Protocol
from uuid import UUID

from accounts.models import User
from accounts.trust.selectors import ask_standings, ask_whom_they_shun
from accounts.trust.standing import Requirements, Standing
from iqx.core import hot
from orders.matching import Arrival, BookOrder, Side, TimeInForce, crosses
from orders.models import Order

_FEWEST = 10
_GROWTH = 8


@dataclass(slots=True)
class Candidates:
    """The best resting orders that some incoming order crosses: the rows, and as the algorithm sees them.

    `cut_off` has, for each side of which there may be more, the last order that was read; `shunned`, for each owner
    of an incoming order, whom it must not meet; `standings` are those of all owners, read if an order requires any.
    """

    orders: dict[UUID, Order] = field(default_factory=dict)
    resting: list[BookOrder] = field(default_factory=list)
    cut_off: dict[Side, BookOrder] = field(default_factory=dict)
    shunned: Mapping[UUID, Set[UUID]] = field(default_factory=dict)
    standings: Mapping[UUID, Standing] = field(default_factory=dict)

    def add(self, orders: Sequence[Order]) -> None:
        self.orders |= {order.id: order for order in orders}
        self.resting += map(as_book_order, orders)

    def suffice_for(self, arrivals: Sequence[Arrival]) -> bool:
        """Whether reading on would change nothing: whoever has something left crosses none of the unread ones."""
        return not any(
            (arrival.rests or arrival.killed)
            and (last := self.cut_off.get(arrival.order.side.opposite))
            and crosses(arrival.order, last)
            for arrival in arrivals
        )


class Wanted(Protocol):
    """What of an incoming order says how far into the book it may reach."""

    @property
    def side(self) -> Side: ...
    @property
    def price(self) -> Decimal: ...
    @property
    def requires(self) -> Requirements | None: ...
    @property
    def only_with(self) -> UUID | None: ...


def ask_candidates(
    market: str, incoming: Sequence[Wanted], owners: Collection[UUID], now: datetime, attempt: int = 0
) -> Callable[[], Candidates]:
    """Ask for what faces `incoming`; eight times as much at each further `attempt`. A query a side, one for blocks."""
    asked = []
    for side in Side:
        facing = [order.price for order in incoming if order.side is side.opposite]
        if facing:
            limit = (len(facing) + _FEWEST) * _GROWTH**attempt
            sql, furthest = (_ASKS, max(facing)) if side is Side.SELL else (_BIDS, min(facing))
            asked.append((side, limit, hot.ask(sql, [market, furthest, now, limit])))
    named = [order.only_with for order in incoming if order.only_with]
    private = hot.ask(_PRIVATE, [market, named, now]) if named else None
    demanding = any(order.requires for order in incoming)
    return partial(_read, asked, private, ask_whom_they_shun(owners), owners, demanding)


# A subquery, since it is run for the rows that are returned, where a join might be for all that the book has.
SELECT_WITH_OWNERS = f"""
SELECT {hot.columns(Order)}, (SELECT display_name FROM accounts_user u WHERE u.id = owner_id) AS owner_name
FROM orders_order
"""  # noqa: S608 names alone
_FACING = f"""
{SELECT_WITH_OWNERS}
WHERE market_id = %s AND status = 'open' AND side = '{{side}}' AND {{crossed}} AND link IS NULL
    AND (expires_at IS NULL OR expires_at > %s)
ORDER BY {{best_first}}, priority LIMIT %s
"""
_PRIVATE = f"""
{SELECT_WITH_OWNERS}
WHERE market_id = %s AND status = 'open' AND id = ANY(%s) AND (expires_at IS NULL OR expires_at > %s)
    AND link IS NOT NULL
"""
# The side is part of the text, so that a plan that serves all values finds the side's own index.
_ASKS = _FACING.format(side="sell", crossed="price <= %s", best_first="price")
_BIDS = _FACING.format(side="buy", crossed="price >= %s", best_first="price DESC")


def _read(
    asked: Sequence[tuple[Side, int, hot.Answer]],
    private: hot.Answer | None,
    shunned: Callable[[], Mapping[UUID, Set[UUID]]],
    owners: Collection[UUID],
    demanding: bool,
) -> Candidates:
    found = Candidates(shunned=shunned())
    for side, limit, answer in asked:
        read = with_owners(answer)
        found.add(read)
        if len(read) == limit:
            found.cut_off[side] = found.resting[-1]
    if private:
        found.add(with_owners(private))
    if demanding or any(order.requires for order in found.resting):
        found.standings = ask_standings({*owners, *(order.owner for order in found.resting)})()
        for order in found.resting:
            order.standing = found.standings[order.owner]
    return found


def with_owners(answer: hot.Answer) -> list[Order]:
    """What `SELECT_WITH_OWNERS` found; of the owners, their names."""
    orders = answer.instances(Order)
    for order in orders:
        order.owner = hot.known(User, id=order.owner_id, display_name=vars(order).pop("owner_name"))
    return orders


def as_book_order(order: Order) -> BookOrder:
    """An order as the algorithm sees it; made anew for each attempt, since matching counts it down."""
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
        max_fill=order.max_fill,
        requires=requirements_of(order),
        private=order.link is not None and order.only_with is None,
    )


def requirements_of(order: Order) -> Requirements | None:
    """What an order asks of the other side's owner."""
    required = (order.min_kyc_level, order.min_trades, order.min_completion, order.min_account_days)
    return Requirements(*required) if any(required) else None
