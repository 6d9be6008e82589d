"""The admin's front page: what needs a decision, how the platform does, and whether the books balance."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from iqx.core import clock
from iqx.core.money import ZERO
from iqx.desk import figures, queues
from iqx.ops import readings
from orders.models import Market

_URGENT = 12


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the page shows to the admin's own context: the same number of queries whatever there is."""
    period = figures.PERIODS.get(request.GET.get("period", ""), figures.STANDARD)
    standing = queues.summaries()
    return context | {
        "title": "Desk",
        "queues": standing,
        "urgent": queues.most_urgent(standing, _URGENT),
        "stuck": queues.stuck(),
        "ledger": readings.latest().get(readings.LEDGER),
        "period": period,
        "periods": figures.PERIODS.values(),
        "cards": _cards(figures.totals(period)),
        "series": figures.series(period),
        "markets": markets_now(),
        "now": clock.now(),
    }


def _cards(totals: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A figure, and how it differs from the period before."""
    current, before = totals["current"], totals["before"]
    return [
        _card("Volume", current.get("volume"), before.get("volume"), unit="USDT"),
        _card("Trades", current.get("trades"), before.get("trades")),
        _card("Fees", current.get("fees"), before.get("fees"), unit="USDT"),
        _card("New users", current.get("registered"), before.get("registered")),
        _card("Completed", _share(current, "released"), _share(before, "released"), unit="%", is_rate=True),
        _card("Disputed", _share(current, "disputed"), _share(before, "disputed"), unit="%", is_rate=True, good=-1),
        _card("Deposited", current.get("deposited"), before.get("deposited"), unit="USDT"),
        _card("Withdrawn", current.get("withdrawn"), before.get("withdrawn"), unit="USDT", good=0),
    ]


def _share(sums: dict[str, Any], part: str) -> Decimal | None:
    """Of the trades that ended, in per cent."""
    ended = (sums.get("released") or 0) + (sums.get("failed") or 0)
    return Decimal(sums.get(part) or 0) * 100 / ended if ended else None


def _card(
    name: str, value: Decimal | None, before: Decimal | None, *, unit: str = "", is_rate: bool = False, good: int = 1
) -> dict[str, Any]:
    """`good` says whether more is better (1), worse (-1), or neither (0)."""
    value, before = Decimal(value or 0), Decimal(before or 0)
    if is_rate:
        change, shown = value - before, f"{value:.2f}"
    else:
        change = (value - before) * 100 / before if before else ZERO
        shown = f"{value:,.0f}"
    mood = "same" if not good or not before or abs(change) < Decimal("0.05") else "good" if change * good > 0 else "bad"
    arrow = f"{change:+.1f} {'points' if is_rate else '%'}" if before else "nothing before"
    return {"name": name, "value": shown, "unit": unit, "change": arrow, "mood": mood}


def markets_now() -> list[dict[str, Any]]:
    """Each market as its book was last looked at, and what it did in the last day: one query."""
    rows = Market.objects.raw(
        """
        SELECT m.*, b.last_price, h.bid, h.ask, h.bid_depth, h.ask_depth, d.volume_24h, d.trades_24h
        FROM orders_market m LEFT JOIN orders_book b ON b.market_id = m.symbol
        LEFT JOIN LATERAL (
            SELECT bid, ask, bid_depth, ask_depth FROM desk_markethour h
            WHERE h.market_id = m.symbol AND h.hour > now() - interval '3 hours'
                AND coalesce(bid_depth, ask_depth) IS NOT NULL ORDER BY hour DESC LIMIT 1
        ) AS h ON true
        LEFT JOIN (
            SELECT market_id, sum(volume) AS volume_24h, sum(trades) AS trades_24h
            FROM desk_markethour WHERE hour > now() - interval '24 hours' GROUP BY market_id
        ) AS d ON d.market_id = m.symbol
        ORDER BY d.volume_24h DESC NULLS LAST, m.symbol
        """
    )
    return [
        {
            "market": market,
            "last": market.last_price,  # type: ignore[attr-defined]
            "bid": market.bid,  # type: ignore[attr-defined]
            "ask": market.ask,  # type: ignore[attr-defined]
            "spread": _spread(market.bid, market.ask),  # type: ignore[attr-defined]
            "bid_depth": market.bid_depth,  # type: ignore[attr-defined]
            "ask_depth": market.ask_depth,  # type: ignore[attr-defined]
            "volume": market.volume_24h,  # type: ignore[attr-defined]
            "trades": market.trades_24h,  # type: ignore[attr-defined]
        }
        for market in rows
    ]


def _spread(bid: Decimal | None, ask: Decimal | None) -> Decimal | None:
    """Between best bid and best ask, in hundredths of a per cent of the middle."""
    return (ask - bid) / ((ask + bid) / 2) * 10_000 if bid and ask else None
