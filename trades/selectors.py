"""Reads: one's own trades and receipts, the public tape, ticker and candles."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.selectors import named
from accounts.trust.selectors import get_trader, records_of
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.errors import NotFound
from iqx.core.hot import columns, fetch
from iqx.core.money import ZERO, plain, usdt
from orders.models import Book, Order
from orders.selectors import best_prices
from trades.models import Feedback, RoomEntry, Trade, Transaction

CANDLE_INTERVALS = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
}


def trades_of(user_id: UUID) -> QuerySet[Trade]:
    return Trade.objects.filter(Q(buyer_id=user_id) | Q(seller_id=user_id)).select_related("buyer", "seller")


def get_trade(*, trade_id: UUID, user_id: UUID) -> Trade:
    """A trade of one's own. Raises NotFound, for a stranger's too."""
    trade = trades_of(user_id).filter(pk=trade_id).first()
    if trade is None:
        raise NotFound
    return trade


_OF_ORDERS = f"""
SELECT {columns(Trade)} FROM trades_trade WHERE buy_order_id = ANY(%s) OR sell_order_id = ANY(%s) ORDER BY id
"""  # noqa: S608 names alone


def trades_of_orders(order_ids: list[UUID]) -> list[Trade]:
    """The trades that these orders were part of, oldest first."""
    trades = fetch(Trade, _OF_ORDERS, [order_ids, order_ids])
    name_parties(trades)
    return trades


def name_parties(trades: Sequence[Trade]) -> None:
    """Load buyers and sellers, with their names: one query."""
    people = named({user for trade in trades for user in (trade.buyer_id, trade.seller_id)})
    for trade in trades:
        trade.buyer, trade.seller = people[trade.buyer_id], people[trade.seller_id]


def timeline_of(*, trade_id: UUID, user_id: UUID) -> QuerySet[RoomEntry]:
    """What happened in a trade of one's own, and when was written. Raises NotFound."""
    trade = get_trade(trade_id=trade_id, user_id=user_id)
    return RoomEntry.objects.filter(trade=trade).exclude(kind=RoomEntry.Kind.TERMS)


def receipts_of(user_id: UUID) -> QuerySet[Transaction]:
    mine = Q(buyer_id=user_id) | Q(seller_id=user_id)
    return Transaction.objects.filter(mine).select_related("buyer", "seller", "market")


def tape(market: str) -> QuerySet[Trade]:
    """Every fill of a market's public orders, as it happened."""
    return Trade.objects.filter(market_id=market, private=False)


_DAY = """
SELECT (array_agg(price ORDER BY created_at, id))[1], max(price), min(price), coalesce(sum(amount), 0), count(*)
FROM trades_trade WHERE market_id = %s AND created_at > %s AND NOT private
"""


def ticker(market: str, now: datetime) -> dict[str, Any]:
    """Last price, best prices, and the last 24 hours of a market; null where nothing happened."""
    book = Book.objects.get(pk=market)
    with connection.cursor() as cursor:
        cursor.execute(_DAY, [market, now - timedelta(days=1)])
        opened, high, low, volume, count = cursor.fetchone()
    prices = {"last": book.last_price} | best_prices(market) | {"open_24h": opened, "high_24h": high, "low_24h": low}
    return {
        "symbol": market,
        **{name: plain(price) if price is not None else None for name, price in prices.items()},
        "volume_24h": usdt(volume or ZERO),
        "trades_24h": count,
        "last_fill_at": rfc3339_or_none(book.last_fill_at),
    }


_CANDLES = """
SELECT date_bin(%(step)s::interval, created_at, 'epoch') AS start,
       (array_agg(price ORDER BY created_at, id))[1], max(price), min(price),
       (array_agg(price ORDER BY created_at DESC, id DESC))[1], sum(amount), count(*)
FROM trades_trade
WHERE market_id = %(market)s AND created_at >= %(since)s AND created_at < %(until)s AND NOT private
GROUP BY start ORDER BY start
"""


def candles(market: str, step: timedelta, until: datetime, limit: int) -> list[dict[str, Any]]:
    """Open, high, low, close and volume per interval that had a fill, oldest first, `limit` intervals back."""
    with connection.cursor() as cursor:
        cursor.execute(_CANDLES, {"step": str(step), "market": market, "since": until - step * limit, "until": until})
        rows = cursor.fetchall()
    return [
        {
            "time": rfc3339(start),
            "open": plain(opened),
            "high": plain(high),
            "low": plain(low),
            "close": plain(closed),
            "volume": usdt(volume),
            "trades": count,
        }
        for start, opened, high, low, closed, volume, count in rows
    ]


def add_records(offers: Sequence[Order]) -> None:
    """Give each offer its owner's public record: one query for all owners."""
    records = records_of(offer.owner_id for offer in offers)
    for offer in offers:
        offer.owner_record = records[offer.owner_id]  # type: ignore[attr-defined]


def feedback_about(user_id: UUID) -> QuerySet[Feedback]:
    """What others said of a person. Raises NotFound."""
    return Feedback.objects.filter(subject=get_trader(user_id)).select_related("author")
