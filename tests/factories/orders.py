"""Markets, orders and trades for tests, through the front door: placed, matched, and brought to a given state."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from iqx.core import clock, events
from iqx.core.transactions import use_case
from orders.matching import Side, TimeInForce
from orders.models import Market, Order
from orders.placing import NewOrder, Placement
from orders.services import open_market, take_offer
from tests.factories.accounts import make_user
from tests.factories.wallets import fund
from trades import placing
from trades.escrow import Action, Actor, advance
from trades.matching_run import match_market
from trades.models import Trade
from trades.selectors import trades_of_orders
from trades.services import lock_trade

SYMBOL = "USDT-EUR"
METHODS = ["sepa", "revolut", "cash"]
Number = Decimal | int | str


def make_market(symbol: str = SYMBOL, **rules: Any) -> Market:
    """A market with small steps and no fees, unless `rules` say otherwise."""
    plain: dict[str, Any] = {
        "quote": symbol[-3:],
        "tick_size": Decimal("0.01"),
        "lot_size": Decimal("0.01"),
        "min_amount": Decimal(1),
        "max_amount": Decimal(50_000),
        "maker_fee": Decimal(0),
        "taker_fee": Decimal(0),
        "payment_methods": METHODS,
    }
    return open_market(Market(symbol=symbol, **plain | rules))


def make_trader(funds: Number = 10_000) -> User:
    """A verified user with USDT."""
    trader = make_user(kyc_status="verified", kyc_level=2)
    if Decimal(funds):
        fund(trader, funds)
    return trader


def new_order(side: str, price: Number, amount: Number, **options: Any) -> NewOrder:
    if "min_fill" in options:
        options["min_fill"] = Decimal(options["min_fill"])
    if "time_in_force" in options:
        options["time_in_force"] = TimeInForce(options["time_in_force"])
    options.setdefault("market", SYMBOL)
    return NewOrder(side=Side(side), price=Decimal(price), amount=Decimal(amount), **options)


def place_batch(owner: User, new: Sequence[NewOrder]) -> list[Placement]:
    """Place and match, as the API does."""
    placed = placing.place(owner=owner, new=new)
    for symbol in placed.pending:
        match_market(symbol)
    return placed.placements


def place(owner: User, side: str, price: Number, amount: Number, **options: Any) -> tuple[Order, list[Trade]]:
    """One order, placed and matched, as it is afterwards. Raises what the refusal was."""
    (placement,) = place_batch(owner, [new_order(side, price, amount, **options)])
    if placement.error:
        raise placement.error
    assert placement.order
    return Order.objects.get(pk=placement.order.id), trades_of_orders([placement.order.id])


def take(
    owner: User, offer: Order, amount: Number, *, version: int | None = None, payment_method: str | None = None
) -> tuple[Order, list[Trade]]:
    """Take one given offer, as it was seen, and match."""
    order = take_offer(
        owner=owner,
        offer_id=offer.id,
        version=version or offer.version,
        amount=Decimal(amount),
        payment_method=payment_method,
    )
    match_market(order.market_id)
    return Order.objects.get(pk=order.id), trades_of_orders([order.id])


@use_case
def act(trade_id: UUID, action: Action, actor: Actor, **details: Any) -> Trade:
    """One step of the transition table, as the use cases apply it."""
    trade = lock_trade(trade_id, with_book=True)
    events.append(advance(trade, action, actor, **details))
    return trade


_PAID = [(Action.MARK_PAID, Actor.BUYER)]
_DISPUTED = [*_PAID, (Action.DISPUTE, Actor.BUYER)]
WAY_TO: dict[str, list[tuple[Action, Actor]]] = {
    "awaiting_payment": [],
    "expired": [(Action.EXPIRE, Actor.SYSTEM)],
    "paid": _PAID,
    "disputed": _DISPUTED,
    "released": [*_PAID, (Action.RELEASE, Actor.SELLER)],
    "cancelled": [(Action.CANCEL, Actor.BUYER)],
    "refunded": [*_DISPUTED, (Action.RULE_REFUND, Actor.STAFF)],
    "split": [*_DISPUTED, (Action.RULE_SPLIT, Actor.STAFF)],
}


def bring_to(trade: Trade, status: str) -> Trade:
    """The trade, fresh from `awaiting_payment`, after the shortest way to `status`; a split is in halves."""
    for action, actor in WAY_TO[status]:
        half = {"buyer_amount": trade.amount / 2} if action is Action.RULE_SPLIT else {}
        act(trade.id, action, actor, **half)
    return fresh(trade)


def trade_between(
    seller: User, buyer: User, amount: Number = 100, price: Number = 1, *, status: str = "awaiting_payment"
) -> Trade:
    """A trade of two orders that are both filled by it, in the given state; the seller was the maker."""
    place(seller, "sell", price, amount)
    (trade,) = place(buyer, "buy", price, amount)[1]
    return bring_to(trade, status)


def fresh(trade: Trade) -> Trade:
    return Trade.objects.select_related("buyer", "seller").get(pk=trade.pk)


class MovedClock:
    """The platform's clock, which stands still until a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.time)

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
