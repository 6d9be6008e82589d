"""Placing orders: the rules of the market, the limits of the user, and the funds that a sale reserves."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.trust.standing import Requirements
from iqx.core.errors import DomainError, Invalid
from iqx.core.hot import build
from iqx.core.ids import new_id
from iqx.core.money import ZERO, is_multiple, plain, usdt
from orders.book import reservation
from orders.errors import AmountNotOnLot, AmountOutOfRange, MarketHalted, PriceNotOnTick
from orders.floating import Float
from orders.matching import Side, TimeInForce
from orders.models import Market, Order
from orders.payment_rules import check_caps


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What someone wants to place. `only_with` names the one offer that it takes."""

    market: str
    side: Side
    price: Decimal
    amount: Decimal
    payment_methods: Sequence[str] = ()
    min_fill: Decimal = ZERO
    time_in_force: TimeInForce = TimeInForce.GTC
    expires_at: datetime | None = None
    post_only: bool = False
    client_order_id: str | None = None
    terms: str = ""
    only_with: UUID | None = None
    max_fill: Decimal | None = None
    requires: Requirements | None = None
    auto_reply: str | None = None
    floats: Float | None = None
    """If it does, `price` is found when it is accepted."""
    private: bool = False
    link: str | None = None
    """Of the private offer that it takes."""


@dataclass(slots=True)
class Placement:
    """What became of one `NewOrder`: an order (`repeated` if its client id was known already), or a refusal."""

    order: Order | None = None
    error: DomainError | None = None
    repeated: bool = False


def check_order(new: NewOrder, market: Market | None, now: datetime) -> Market:
    """Raises Invalid, MarketHalted, PriceNotOnTick, AmountNotOnLot or AmountOutOfRange."""
    if market is None:
        raise Invalid("There is no such market.", field="market")
    if market.status != Market.Status.TRADING:
        raise MarketHalted
    check_price(market, new.price)
    check_amount(market, new.amount)
    if new.min_fill > new.amount:
        raise Invalid("The smallest fill is larger than the amount.", field="min_fill")
    if new.max_fill is not None:
        _check_max_fill(market, new.max_fill, new.min_fill)
    if not set(new.payment_methods) <= set(market.payment_methods):
        raise Invalid("The market doesn't know this payment method.", field="payment_methods")
    check_caps(market, new.payment_methods, new.amount)
    _check_time(new, now)
    if new.floats or new.private:
        _check_resting(new, market)
    return market


def check_price(market: Market, price: Decimal) -> None:
    if not is_multiple(price, market.tick_size):
        raise PriceNotOnTick(tick_size=plain(market.tick_size))


def check_amount(market: Market, amount: Decimal) -> None:
    if not is_multiple(amount, market.lot_size):
        raise AmountNotOnLot(lot_size=plain(market.lot_size))
    if not market.min_amount <= amount <= market.max_amount:
        raise AmountOutOfRange(min_amount=usdt(market.min_amount), max_amount=usdt(market.max_amount))


def _check_max_fill(market: Market, max_fill: Decimal, min_fill: Decimal) -> None:
    """Not below the market's least amount either, lest one order become thousands of trades."""
    if not is_multiple(max_fill, market.lot_size):
        raise AmountNotOnLot(lot_size=plain(market.lot_size))
    if max_fill < max(min_fill, market.min_amount):
        raise Invalid("The largest fill is below the smallest, or below the market's least amount.", field="max_fill")


def _check_time(new: NewOrder, now: datetime) -> None:
    if (new.time_in_force is TimeInForce.GTD) != (new.expires_at is not None):
        raise Invalid("GTD orders have a time to expire at, and no others have.", field="expires_at")
    if new.expires_at is not None and new.expires_at <= now:
        raise Invalid("This time is over.", field="expires_at")
    if new.post_only and new.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}:
        raise Invalid("A post-only order can't be immediate.", field="post_only")


def _check_resting(new: NewOrder, market: Market) -> None:
    """What floats or is private waits in the book for others."""
    what = "A floating" if new.floats else "A private"
    if new.time_in_force not in {TimeInForce.GTC, TimeInForce.GTD}:
        raise Invalid(f"{what} order rests: GTC or GTD.", field="time_in_force")
    if new.post_only:
        raise Invalid(f"{what} order can't be post-only.", field="post_only")
    if new.floats:
        check_bounds(new.floats, market)


def check_bounds(floats: Float, market: Market) -> None:
    bounds = [bound for bound in (floats.min_price, floats.max_price) if bound is not None]
    for bound in bounds:
        check_price(market, bound)
    if bounds != sorted(bounds):
        raise Invalid("The least price is above the highest.", field="min_price")


def build_order(new: NewOrder, market: Market, owner: User, priority: int, now: datetime) -> Order:
    """An order that is not written yet, with what it will hold."""
    order = build(
        Order,
        {
            "id": new_id(),
            "owner_id": owner.id,
            "market_id": market.symbol,
            "client_order_id": new.client_order_id,
            "side": new.side,
            "price": new.price,
            "amount": new.amount,
            "filled": ZERO,
            "min_fill": new.min_fill,
            "payment_methods": list(new.payment_methods),
            "time_in_force": new.time_in_force,
            "post_only": new.post_only,
            "only_with": new.only_with,
            "expires_at": new.expires_at,
            "terms": new.terms,
            "maker_fee": market.maker_fee,
            "taker_fee": market.taker_fee,
            "reserved": ZERO,
            "status": Order.Status.PENDING,
            "close_reason": "",
            "announced": False,
            "priority": priority,
            "version": 1,
            "created_at": now,
            "updated_at": now,
            **_merchants_own(new),
        },
        market=market,
        owner=owner,
    )
    order.reserved = reservation(order, order.amount)
    return order


def _merchants_own(new: NewOrder) -> dict[str, Any]:
    """The columns of `_MERCHANTS_OWN`, as far as they are set."""
    required = new.requires or Requirements()
    wanted: dict[str, Any] = {
        "max_fill": new.max_fill,
        "min_kyc_level": required.kyc_level,
        "min_trades": required.completed_trades,
        "min_completion": required.completion_rate,
        "min_account_days": required.account_age_days,
        "auto_reply": new.auto_reply,
        "link": secrets.token_urlsafe(24) if new.private else new.link,
    }
    if new.floats:
        wanted |= asdict(new.floats)
    return {column: value for column, value in wanted.items() if value is not None}


_COLUMNS = (
    "id", "owner_id", "market_id", "client_order_id", "side", "price", "amount", "filled", "min_fill",
    "payment_methods", "time_in_force", "post_only", "only_with", "expires_at", "terms", "maker_fee", "taker_fee",
    "reserved", "status", "close_reason", "announced", "priority", "version", "created_at", "updated_at",
)  # fmt: skip


_MERCHANTS_OWN = (
    "max_fill", "min_kyc_level", "min_trades", "min_completion", "min_account_days", "auto_reply", "link",
    "premium_bps", "min_price", "max_price",
)  # fmt: skip


def order_rows(orders: Sequence[Order]) -> list[dict[str, Any]]:
    """The rows of new orders, all with the same columns; what merchants set is left out where none did."""
    plain_ones = not any(getattr(order, column) is not None for order in orders for column in _MERCHANTS_OWN)
    columns = _COLUMNS if plain_ones else _COLUMNS + _MERCHANTS_OWN
    return [{column: getattr(order, column) for column in columns} for order in orders]
