"""What a page shows of markets and of who trades there: reads, each with a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection

from trades.models import Trade
from trades.selectors import trades_of


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A market in one line: what it is, and how it goes."""

    symbol: str
    quote: str
    tick_size: Decimal
    status: str
    last_price: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    opened: Decimal | None
    high: Decimal | None
    low: Decimal | None
    volume: Decimal
    count: int
    offers: int

    @property
    def name(self) -> str:
        return self.symbol.replace("-", "/")

    @property
    def change(self) -> Decimal | None:
        """Of the price within 24 hours, as a share."""
        if not self.opened or self.last_price is None:
            return None
        return (self.last_price - self.opened) / self.opened


_OVERVIEW: Final = """
SELECT m.symbol, m.quote, m.tick_size, m.status, b.last_price, best.bid, best.ask,
       day.opened, day.high, day.low, day.volume, day.count, coalesce(best.offers, 0)
FROM orders_market m
JOIN orders_book b ON b.market_id = m.symbol
LEFT JOIN LATERAL (
    SELECT max(price) FILTER (WHERE side = 'buy') AS bid, min(price) FILTER (WHERE side = 'sell') AS ask,
           count(*) AS offers
    FROM orders_order WHERE market_id = m.symbol AND status = 'open' AND link IS NULL
) AS best ON true
LEFT JOIN LATERAL (
    SELECT (array_agg(price ORDER BY created_at, id))[1] AS opened, max(price) AS high, min(price) AS low,
           coalesce(sum(amount), 0) AS volume, count(*) AS count
    FROM trades_trade WHERE market_id = m.symbol AND created_at > %(since)s
) AS day ON true
WHERE %(symbol)s::text IS NULL OR m.symbol = %(symbol)s
ORDER BY day.count DESC, m.symbol
"""


def markets_at_a_glance(now: datetime, symbol: str | None = None) -> list[MarketLine]:
    """All markets, or one, with best prices and the last 24 hours; the liveliest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERVIEW, {"since": now - timedelta(days=1), "symbol": symbol})
        return [MarketLine(*row) for row in cursor.fetchall()]


def live_trades_of(user_id: UUID, limit: int = 10) -> list[Trade]:
    """Trades in which somebody still has to do something, newest first: one query."""
    live = trades_of(user_id).filter(status__in=Trade.LIVE).select_related("market")
    return list(live.order_by("-id")[:limit])
