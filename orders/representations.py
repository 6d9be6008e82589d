"""The one form of markets and orders, for REST and events alike."""

from decimal import Decimal
from typing import Any, Final

from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.money import CURRENCY, plain, usdt
from orders.candidates import requirements_of
from orders.models import Market, OpeningHours, Order, Reference

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def market_json(market: Market) -> dict[str, Any]:
    return {
        "symbol": market.symbol,
        "base": CURRENCY,
        "quote": market.quote,
        "tick_size": plain(market.tick_size),
        "lot_size": plain(market.lot_size),
        "min_amount": usdt(market.min_amount),
        "max_amount": usdt(market.max_amount),
        "maker_fee": plain(market.maker_fee),
        "taker_fee": plain(market.taker_fee),
        "payment_methods": market.payment_methods,
        "payment_window": market.payment_window,
        "status": market.status,
    }


def public_order_json(order: Order) -> dict[str, Any]:
    """What everyone may know of an order: not whose it is."""
    return {
        "id": str(order.id),
        "market": order.market_id,
        "side": order.side,
        "price": plain(order.price),
        "amount": usdt(order.amount),
        "remaining": usdt(order.amount - order.filled),
        "filled": usdt(order.filled),
        "min_fill": usdt(order.min_fill),
        "payment_methods": order.payment_methods,
        "time_in_force": order.time_in_force,
        "post_only": order.post_only,
        "expires_at": rfc3339_or_none(order.expires_at),
        "terms": order.terms,
        "status": order.status,
        "close_reason": order.close_reason or None,
        "max_fill": None if order.max_fill is None else usdt(order.max_fill),
        "requirements": requirements_json(order),
        "premium": premium_json(order),
        "version": order.version,
        "created_at": rfc3339(order.created_at),
        "updated_at": rfc3339(order.updated_at),
    }


def order_json(order: Order) -> dict[str, Any]:
    """An order as its owner sees it."""
    return public_order_json(order) | owners_own_json(order)


def owners_own_json(order: Order) -> dict[str, Any]:
    """What of an order its owner alone sees."""
    return {
        "client_order_id": order.client_order_id,
        "auto_reply": order.auto_reply,
        "min_price": None if order.min_price is None else plain(order.min_price),
        "max_price": None if order.max_price is None else plain(order.max_price),
        "link": order.link,
        "paused_for": order.paused_for or [],
    }


def premium_json(order: Order) -> str | None:
    """Of a floating price: per cent above the market's reference, with two decimals."""
    return None if order.premium_bps is None else f"{Decimal(order.premium_bps) / 100:.2f}"


def reference_json(reference: Reference) -> dict[str, Any]:
    return {
        "market": reference.market_id,
        "price": plain(reference.price),
        "source": reference.source,
        "at": rfc3339(reference.at),
        "valid_until": rfc3339(reference.valid_until),
        "stale": not reference.is_fresh,
    }


def hours_json(hours: OpeningHours | None) -> dict[str, Any]:
    """Who has no hours is always open."""
    if hours is None:
        return {"time_zone": None, "windows": [], "is_open": True, "changes_at": None}
    return {
        "time_zone": hours.time_zone,
        "windows": [
            {"day": WEEKDAYS[weekday], "from": _clock_time(start), "to": _clock_time(end)}
            for weekday, start, end in hours.windows
        ],
        "is_open": hours.is_open,
        "changes_at": rfc3339_or_none(hours.changes_at),
    }


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def requirements_json(order: Order) -> dict[str, Any] | None:
    """What an order asks of whom it trades with; null if nothing."""
    required = requirements_of(order)
    if required is None:
        return None
    rate = required.completion_rate
    return {
        "kyc_level": required.kyc_level,
        "completed_trades": required.completed_trades,
        "completion_rate": None if rate is None else f"{rate:.4f}",
        "account_age_days": required.account_age_days,
    }


def level_change(order: Order, amount: Decimal, orders: int) -> list[str | int]:
    """A change of the public book at the order's price (see `iqx.core.models.Event.book`)."""
    return [order.side, plain(order.price), usdt(amount), orders]
