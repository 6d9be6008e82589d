"""The first step of placing: which of an owner's new orders are accepted, and what they reserve.

Everything that the decision needs is asked for at once (`Acceptance`), decided in memory (`decide`), and written by
the caller with whatever else his transaction does (`write_pending`, or a matching run).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
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

_MARKETS: Final = "SELECT * FROM orders_market WHERE symbol = ANY(%s)"
_LIVE: Final = """
SELECT count(*) FROM (
    SELECT FROM orders_order WHERE owner_id = %s AND status IN ('pending', 'open', 'paused') LIMIT %s
) AS live
"""
_KNOWN: Final = "SELECT * FROM orders_order WHERE owner_id = %s AND client_order_id = ANY(%s)"
_REFERENCES: Final = "SELECT * FROM orders_reference WHERE market_id = ANY(%s)"
_PRIORITIES: Final = "SELECT nextval('orders_priority') FROM generate_series(1, %s)"


class Acceptance:
    """One owner's new orders on their way in: `fresh` are accepted, and `reservations` are what their sales hold.

    An owner has one acceptance under way at a time.

    Locks: his turnover of the day, and his wallet if he sells.
    """

    def __init__(self, owner: User, new: Sequence[NewOrder]) -> None:
        self.owner = owner
        self.new = new
        self.now: datetime = clock.now()
        self.balances: dict[UUID, ledger.Balance] = {}
        self.fresh: list[Order] = []
        self.reservations: list[ledger.NewTransfer] = []
        self.ordered = ZERO
        self._markets = hot.ask(_MARKETS, [list({wanted.market for wanted in new})])
        floating = [wanted.market for wanted in new if wanted.floats]
        self._references = hot.ask(_REFERENCES, [floating]) if floating else None
        self._room = turnover.lock_room(owner, self.now.date())
        client_ids = [wanted.client_order_id for wanted in new if wanted.client_order_id]
        self._known = hot.ask(_KNOWN, [owner.id, client_ids]) if client_ids else None
        self._live = hot.ask(_LIVE, [owner.id, settings.MAX_LIVE_ORDERS])
        self._priorities = hot.ask(_PRIORITIES, [len(new)])

    def decide(self) -> list[Placement]:
        """Which orders are accepted (`fresh`); one refusal spoils none of the others. Writes nothing.

        A `client_order_id` that the owner used before gives the order that it made.
        """
        if any(wanted.side is Side.SELL for wanted in self.new):
            self.balances = ledger.lock_wallets([self.owner.id])
        available = self.balances[self.owner.id].available if self.balances else ZERO
        placements = self._check()
        room, places = self._room(), settings.MAX_LIVE_ORDERS - self._live.rows()[0][0]
        known = {order.client_order_id: order for order in self._known.instances(Order)} if self._known else {}
        for placement, wanted in zip(placements, self.new, strict=True):
            if wanted.client_order_id in known:
                placement.order, placement.error, placement.repeated = known[wanted.client_order_id], None, True
                continue
            order = placement.order
            if order is None:
                continue
            full = len(self.fresh) >= places
            placement.error = TooManyOrders() if full else fault_of(order, room - self.ordered, available)
            if placement.error:
                placement.order = None
                continue
            available -= order.reserved
            self.ordered += order.amount
            self.fresh.append(order)
            if order.reserved:
                self.reservations.append(_reservation(order))
            if wanted.client_order_id:
                known[wanted.client_order_id] = order
        return placements

    def _check(self) -> list[Placement]:
        """Each order as it would be, or what the rules of its market have against it."""
        markets = {market.symbol: market for market in self._markets.instances(Market)}
        references = {found.pk: found for found in self._references.instances(Reference)} if self._references else {}
        placements = []
        for wanted, (priority,) in zip(self.new, self._priorities.rows(), strict=True):
            try:
                check_not_paused(self.owner, self.now)
                known = markets.get(wanted.market)
                if wanted.floats and known:
                    price = current_price(references.get(known.pk), wanted.floats, wanted.side, known, self.now)
                    wanted = replace(wanted, price=price)  # noqa: PLW2901
                market = check_order(wanted, known, self.now)
                placements.append(Placement(order=build_order(wanted, market, self.owner.id, priority, self.now)))
            except DomainError as error:
                placements.append(Placement(error=error))
        return placements

    def count(self, given_up: Decimal = ZERO) -> None:
        """Count what was ordered towards the day's limit, less what ended unfilled at once."""
        turnover.add(self.owner, self.now.date(), self.ordered - given_up)

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
