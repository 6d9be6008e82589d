"""Reads: markets, one's own orders, the public book."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from iqx.core.errors import NotFound
from iqx.core.events import Place
from iqx.core.money import plain, usdt
from orders.matching import Side
from orders.models import Market, Order


def get_market(symbol: str) -> Market:
    """Raises NotFound."""
    market = Market.objects.filter(pk=symbol).first()
    if market is None:
        raise NotFound("There is no such market.")
    return market


def market_exists(symbol: str) -> bool:
    return Market.objects.filter(pk=symbol).exists()


def markets_with_pending(before: datetime) -> list[str]:
    """Markets that trade and have orders which nobody has matched since `before`."""
    forgotten = Order.objects.filter(
        status=Order.Status.PENDING, updated_at__lt=before, market__status=Market.Status.TRADING
    )
    return list(forgotten.order_by("market_id").values_list("market_id", flat=True).distinct())


def pending_markets_of(owner_id: UUID) -> list[str]:
    """Where the owner has orders to be matched."""
    pending = Order.objects.filter(owner_id=owner_id, status=Order.Status.PENDING)
    return list(pending.order_by("market_id").values_list("market_id", flat=True).distinct())


def suspended_with_orders(limit: int = 100) -> list[UUID]:
    """Suspended users who have live orders."""
    live = Order.objects.filter(owner=OuterRef("pk"), status__in=Order.LIVE)
    suspended = User.objects.filter(Exists(live), is_active=False)
    return list(suspended.order_by("pk").values_list("pk", flat=True)[:limit])


def orders_of(owner_id: UUID) -> QuerySet[Order]:
    return Order.objects.filter(owner_id=owner_id)


def get_order(*, order_id: UUID, owner_id: UUID) -> Order:
    """One's own order. Raises NotFound, for a stranger's too."""
    order = orders_of(owner_id).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def not_expired(now: datetime) -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gt=now)


def best_prices(market: str) -> dict[str, Decimal | None]:
    """The highest bid and the lowest ask of the public book."""
    bids, asks = _listed(market).filter(side=Side.BUY), _listed(market).filter(side=Side.SELL)
    return {
        "bid": bids.order_by("-price", "priority").values_list("price", flat=True).first(),
        "ask": asks.order_by("price", "priority").values_list("price", flat=True).first(),
    }


def _listed(market: str) -> QuerySet[Order]:
    return Order.objects.filter(market_id=market, status=Order.Status.OPEN, link=None)


def offers(market: str, now: datetime) -> QuerySet[Order]:
    """The public single offers of a market, with their owners."""
    return _listed(market).filter(not_expired(now)).select_related("owner")


def offers_of(owner_id: UUID, now: datetime) -> QuerySet[Order]:
    """A person's public offers in all markets that trade, with the markets."""
    mine = Order.objects.filter(not_expired(now), owner_id=owner_id, status=Order.Status.OPEN, link=None)
    return mine.filter(market__status=Market.Status.TRADING).select_related("market")


_KEPT_S: Final = 60
_BOOK = """
SELECT coalesce((SELECT head FROM core_stream WHERE name = 'market:' || %(market)s), 0), side, price, amount, orders
FROM (SELECT 1) AS always_a_row LEFT JOIN (
    (SELECT side, price, sum(remaining) AS amount, count(*) AS orders FROM orders_order
     WHERE market_id = %(market)s AND status = 'open' AND side = 'buy' AND link IS NULL
     GROUP BY side, price ORDER BY price DESC LIMIT %(depth)s)
    UNION ALL
    (SELECT side, price, sum(remaining), count(*) FROM orders_order
     WHERE market_id = %(market)s AND status = 'open' AND side = 'sell' AND link IS NULL
     GROUP BY side, price ORDER BY price LIMIT %(depth)s)
) AS levels ON true
ORDER BY side, CASE side WHEN 'buy' THEN -price ELSE price END
"""


def book_at(place: Place, market: str, depth: int) -> dict[str, Any]:
    """`book_snapshot` as it is at the market's `place`, or newer: read once by each process for all who ask for it."""
    key = f"book:{market}:{depth}"
    kept: tuple[Place, dict[str, Any]] | None = cache.get(key)
    if kept and kept[0] == place:
        return kept[1]
    book = book_snapshot(market, depth)
    if book["seq"] == place.head:
        cache.set(key, (place, book), _KEPT_S)
    return book


def book_snapshot(market: str, depth: int | None = None) -> dict[str, Any]:
    """The book by price level, best first, with the `seq` of the market's stream that it stands at.

    One statement, so one snapshot of the database: level and seq belong together.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"market": market, "depth": depth})
        rows = cursor.fetchall()
    sides: dict[str, list[list[str | int]]] = {Side.BUY: [], Side.SELL: []}
    for _, side, price, amount, orders in rows:
        if side:
            sides[side].append([plain(price), usdt(amount), orders])
    return {"symbol": market, "seq": rows[0][0], "bids": sides[Side.BUY], "asks": sides[Side.SELL]}
