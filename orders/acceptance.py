"""The first step of placing: which new orders are accepted, and what they reserve.

Everything that the decision needs is asked for at once (`Acceptance`), decided in memory (`decide`), and written by
the caller with whatever else his transaction does (`write_pending`, or a matching run).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.errors import TradingPaused
from accounts.models import User
from iqx.core import bulk, clock, events, hot
from iqx.core.errors import DomainError, LimitExceeded
from iqx.core.money import ZERO, usdt
from orders import turnover
from orders.errors import TooManyOrders
from orders.floating import current_price
from orders.matching import Side
from orders.models import Market, Order, Reference
from orders.placing import NewOrder, Placement, build_order, check_order, order_rows
from wallets import ledger
from wallets.errors import InsufficientFunds
from wallets.events import wallet_updated
from wallets.models import TransferKind

_MARKETS: Final = f"SELECT {hot.columns(Market)} FROM orders_market WHERE symbol = ANY(%s)"  # noqa: S608 names alone
# In one: the places of new orders in the queue, how many live ones their owners have, and whether others are pending.
_QUEUE: Final = """
SELECT array(SELECT nextval('orders_priority') FROM generate_series(1, %s)),
    array(SELECT (SELECT count(*) FROM (
        SELECT FROM orders_order WHERE owner_id = owner AND status IN ('pending', 'open', 'paused') LIMIT %s
    ) AS live) FROM unnest(%s::uuid[]) WITH ORDINALITY AS owners(owner, number) ORDER BY number),
    EXISTS(SELECT FROM orders_order WHERE market_id = ANY(%s) AND status = 'pending')
"""
_KNOWN: Final = f"""
SELECT {hot.columns(Order)} FROM orders_order WHERE owner_id = ANY(%s) AND client_order_id = ANY(%s)
"""  # noqa: S608 names alone
_REFERENCES: Final = f"SELECT {hot.columns(Reference)} FROM orders_reference WHERE market_id = ANY(%s)"  # noqa: S608 names alone


@dataclass(slots=True)
class Wish:
    """The new orders of one owner, and what becomes of each; `available` and `room` are what he has left for more."""

    owner: User
    new: Sequence[NewOrder]
    placements: list[Placement] = field(default_factory=list)
    available: Decimal = ZERO
    room: Decimal = ZERO
    places: int = 0
    ordered: Decimal = ZERO


class Acceptance:
    """New orders on their way in: `fresh` are accepted, and `reservations` are what their sales hold.

    An owner has one wish in it, and one acceptance under way at a time. `others_wait` says whether orders were pending
    in these markets before.

    Locks: the owners' turnovers of the day, and the wallets of those who sell.
    """

    def __init__(self, wishes: Sequence[Wish]) -> None:
        self.wishes = wishes
        self.now: datetime = clock.now()
        self.balances: dict[UUID, ledger.Balance] = {}
        self.fresh: list[Order] = []
        self.others_wait = False
        self.reservations: list[ledger.NewTransfer] = []
        owners = [wish.owner.id for wish in wishes]
        new = [wanted for wish in wishes for wanted in wish.new]
        symbols = list({wanted.market for wanted in new})
        self._markets = hot.ask(_MARKETS, [symbols])
        floating = [wanted.market for wanted in new if wanted.floats]
        self._references = hot.ask(_REFERENCES, [floating]) if floating else None
        self._queue = hot.ask(_QUEUE, [len(new), settings.MAX_LIVE_ORDERS, owners, symbols])
        amounts = {wish.owner: sum((wanted.amount for wanted in wish.new), ZERO) for wish in wishes}
        self._claim = turnover.claim(amounts, self.now.date())
        sellers = [wish.owner.id for wish in wishes if any(wanted.side is Side.SELL for wanted in wish.new)]
        self._wallets = ledger.ask_to_lock(sellers) if sellers else None
        client_ids = [wanted.client_order_id for wanted in new if wanted.client_order_id]
        self._known = hot.ask(_KNOWN, [owners, client_ids]) if client_ids else None

    def decide(self) -> None:
        """Which orders are accepted (`fresh`); one refusal spoils none of the others. Writes nothing.

        A `client_order_id` that the owner used before gives the order that it made.
        """
        markets = {market.symbol: market for market in self._markets.instances(Market)}
        references = {found.pk: found for found in self._references.instances(Reference)} if self._references else {}
        ((priorities, live, self.others_wait),) = self._queue.rows()
        queue, rooms = iter(priorities), self._claim.rooms()
        self.balances = self._wallets() if self._wallets else {}
        known = self._known.instances(Order) if self._known else []
        for wish, count in zip(self.wishes, live, strict=True):
            owner_id = wish.owner.id
            wish.room = rooms[owner_id]
            wish.places = settings.MAX_LIVE_ORDERS - count
            wish.available = self.balances[owner_id].available if owner_id in self.balances else ZERO
            wish.placements = self._check(wish, markets, references, queue)
            self._choose(wish, {order.client_order_id: order for order in known if order.owner_id == owner_id})

    def _choose(self, wish: Wish, known: dict[str | None, Order]) -> None:
        """Accept what the owner's limit, funds and places allow, in the order in which it was wished."""
        for placement, wanted in zip(wish.placements, wish.new, strict=True):
            if wanted.client_order_id in known:
                placement.order, placement.error, placement.repeated = known[wanted.client_order_id], None, True
                continue
            order = placement.order
            if order is None:
                continue
            full = wish.places <= 0
            placement.error = TooManyOrders() if full else fault_of(order, wish.room, wish.available)
            if placement.error:
                placement.order = None
                continue
            wish.places -= 1
            wish.available -= order.reserved
            wish.room -= order.amount
            wish.ordered += order.amount
            self.fresh.append(order)
            if order.reserved:
                self.reservations.append(_reservation(order))
            if wanted.client_order_id:
                known[wanted.client_order_id] = order

    def _check(
        self,
        wish: Wish,
        markets: Mapping[str, Market],
        references: Mapping[str, Reference],
        priorities: Iterator[int],
    ) -> list[Placement]:
        """Each order as it would be, or what the rules of its market have against it."""
        placements = []
        for wanted, priority in zip(wish.new, priorities, strict=False):
            try:
                check_not_paused(wish.owner, self.now)
                known = markets.get(wanted.market)
                if wanted.floats and known:
                    price = current_price(references.get(known.pk), wanted.floats, wanted.side, known, self.now)
                    wanted = replace(wanted, price=price)  # noqa: PLW2901
                market = check_order(wanted, known, self.now)
                placements.append(Placement(order=build_order(wanted, market, wish.owner, priority, self.now)))
            except DomainError as error:
                placements.append(Placement(error=error))
        return placements

    def count(self, given_up: Mapping[UUID, Decimal] = MappingProxyType({})) -> None:
        """Count what was ordered towards the day's limits, less what each owner's orders left unfilled at once."""
        self._claim.settle({w.owner.id: w.ordered - given_up.get(w.owner.id, ZERO) for w in self.wishes})

    def insert(self) -> None:
        """Write the accepted orders as they are now."""
        bulk.insert(Order, order_rows(self.fresh))


def write_pending(accepted: Acceptance) -> None:
    """Write the accepted orders as `pending`, for the next matching run. Emits: wallet_updated."""
    accepted.count()
    accepted.insert()
    if accepted.reservations:
        ledger.post(accepted.balances, accepted.reservations)
        events.append(wallet_updated(balance) for balance in accepted.balances.values())


def check_not_paused(owner: User, now: datetime) -> None:
    """Raises: TradingPaused."""
    until = owner.trading_paused_until
    if until and until > now:
        raise TradingPaused(until=clock.rfc3339(until))


def _reservation(order: Order) -> ledger.NewTransfer:
    leg = ledger.Leg(order.owner_id, -order.reserved, order.reserved)
    return ledger.NewTransfer(TransferKind.ORDER_RESERVE, "order", order.id, (leg,))


def fault_of(order: Order, room: Decimal, available: Decimal) -> DomainError | None:
    """What the owner's limit or funds have against `order`."""
    if order.amount > room:
        return LimitExceeded(limit="trade", remaining=usdt(max(room, ZERO)))
    if order.reserved > available and order.side == Side.SELL:
        return InsufficientFunds(available=usdt(available))
    return None
