"""Figures over time: kept by the hour by the worker, read by the dashboard in a fixed number of queries.

A round counts the hours since the last one anew, and two more, since a row appears when its transaction commits. It
reads what happened in that time alone: the steps of trades lie together in time (a BRIN index), and people and
transfers have ids that begin with their time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Min

from iqx.core import clock
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case
from trades.escrow import TRANSITIONS
from trades.models import RollUp, Step

ROUND: Final = "figures"
_HOUR: Final = timedelta(hours=1)
_OVERLAP: Final = 2 * _HOUR
_MOST_AT_ONCE: Final = timedelta(days=400)
_ENDINGS: Final = sorted({key[1].value for key, change in TRANSITIONS.items() if change.clock is None})
_SOLD: Final = ["released", "split"]

_MARKETS = """
INSERT INTO desk_markethour AS h (market_id, hour, trades, volume, released, failed, disputed, fees)
SELECT t.market_id, date_trunc('hour', s.at), count(*) FILTER (WHERE s.action = 'open'),
    coalesce(sum(t.amount) FILTER (WHERE s.action = 'open'), 0),
    count(*) FILTER (WHERE s.action = ANY(%(endings)s) AND s.status = ANY(%(sold)s)),
    count(*) FILTER (WHERE s.action = ANY(%(endings)s) AND s.status <> ALL(%(sold)s)),
    count(*) FILTER (WHERE s.action = 'dispute'),
    coalesce(sum(t.buyer_fee + t.seller_fee)
             FILTER (WHERE s.action = ANY(%(endings)s) AND s.status = ANY(%(sold)s)), 0)
FROM trades_step s JOIN trades_trade t ON t.id = s.trade_id
WHERE s.at >= %(since)s AND s.at < %(until)s AND s.action = ANY(%(endings)s || ARRAY['open', 'dispute'])
GROUP BY 1, 2
ON CONFLICT (hour, market_id) DO UPDATE SET trades = excluded.trades, volume = excluded.volume,
    released = excluded.released, failed = excluded.failed, disputed = excluded.disputed, fees = excluded.fees
"""

_PLATFORM = """
WITH joined AS (
    SELECT date_trunc('hour', created_at) AS hour, count(*) AS people FROM accounts_user
    WHERE id BETWEEN %(first)s AND %(last)s AND created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
), moved AS (
    SELECT date_trunc('hour', t.created_at) AS hour,
        count(*) FILTER (WHERE t.kind = 'deposit') AS deposits,
        coalesce(-sum(e.available_delta) FILTER (WHERE t.kind = 'deposit'), 0) AS deposited,
        count(*) FILTER (WHERE t.kind = 'withdrawal_sent') AS withdrawals,
        coalesce(sum(e.available_delta) FILTER (WHERE t.kind = 'withdrawal_sent'), 0) AS withdrawn
    FROM wallets_transfer t JOIN wallets_entry e ON e.transfer_id = t.id AND e.system_account = 'custody'
    WHERE t.id BETWEEN %(first)s AND %(last)s AND t.kind IN ('deposit', 'withdrawal_sent')
        AND t.created_at >= %(since)s AND t.created_at < %(until)s GROUP BY 1
)
INSERT INTO desk_platformhour AS h (hour, registered, deposits, deposited, withdrawals, withdrawn)
SELECT hour, coalesce(people, 0), coalesce(deposits, 0), coalesce(deposited, 0), coalesce(withdrawals, 0),
    coalesce(withdrawn, 0)
FROM joined FULL JOIN moved USING (hour)
ON CONFLICT (hour) DO UPDATE SET registered = excluded.registered, deposits = excluded.deposits,
    deposited = excluded.deposited, withdrawals = excluded.withdrawals, withdrawn = excluded.withdrawn
"""

_BOOKS = """
WITH best AS (
    SELECT market_id, max(price) FILTER (WHERE side = 'buy') AS bid, min(price) FILTER (WHERE side = 'sell') AS ask
    FROM orders_order WHERE status = 'open' GROUP BY market_id
)
INSERT INTO desk_markethour AS h (market_id, hour, trades, volume, released, failed, disputed, fees,
                                  bid, ask, bid_depth, ask_depth)
SELECT b.market_id, %(hour)s, 0, 0, 0, 0, 0, 0, b.bid, b.ask,
    coalesce(sum(o.remaining) FILTER (WHERE o.side = 'buy' AND o.price >= 0.98 * middle), 0),
    coalesce(sum(o.remaining) FILTER (WHERE o.side = 'sell' AND o.price <= 1.02 * middle), 0)
FROM (SELECT *, (coalesce(bid, ask) + coalesce(ask, bid)) / 2 AS middle FROM best) AS b
JOIN orders_order o ON o.market_id = b.market_id AND o.status = 'open'
GROUP BY b.market_id, b.bid, b.ask
ON CONFLICT (hour, market_id) DO UPDATE SET bid = excluded.bid, ask = excluded.ask, bid_depth = excluded.bid_depth,
    ask_depth = excluded.ask_depth
"""


@use_case
def roll_up_figures() -> datetime | None:
    """Count the hours since the last round, and look at the books; until when it got, None if another one does it.

    Locks: the row of the round.
    """
    turn = lock(LockRank.ACCOUNT, RollUp.objects.filter(pk=ROUND), skip_locked=True)
    if not turn:
        return None
    (round_,) = turn
    now = clock.now()
    since = (round_.until - _OVERLAP) if round_.until else _beginning(now)
    until = min(now, since + _MOST_AT_ONCE)
    _count(_hour_of(since), until)
    with connection.cursor() as cursor:
        cursor.execute(_BOOKS, {"hour": _hour_of(now)})
    round_.until = until
    round_.save(update_fields=["until"])
    return until


def _count(since: datetime, until: datetime) -> None:
    span: dict[str, Any] = {
        "since": since,
        "until": until,
        "first": _id_at(since - _HOUR),
        "last": _id_at(until + _HOUR),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MARKETS, {**span, "endings": _ENDINGS, "sold": _SOLD})
        cursor.execute(_PLATFORM, span)


def _beginning(now: datetime) -> datetime:
    first: datetime | None = Step.objects.aggregate(first=Min("at"))["first"]
    return min(first, now - timedelta(days=30)) if first else now - timedelta(days=30)


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _id_at(moment: datetime) -> UUID:
    """The least id of that millisecond (see `iqx.core.ids`)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


@dataclass(frozen=True, slots=True)
class Period:
    """What a chart may show: how far back, and in steps of how long."""

    code: str
    name: str
    length: timedelta
    step: timedelta


PERIODS: Final = {
    period.code: period
    for period in (
        Period("24h", "24 hours", timedelta(hours=24), timedelta(hours=1)),
        Period("7d", "7 days", timedelta(days=7), timedelta(hours=6)),
        Period("30d", "30 days", timedelta(days=30), timedelta(days=1)),
        Period("90d", "90 days", timedelta(days=90), timedelta(days=3)),
        Period("1y", "a year", timedelta(days=365), timedelta(days=7)),
    )
}
STANDARD: Final = PERIODS["30d"]

_SERIES = """
SELECT date_bin(%(step)s, hour, %(start)s) AS bin, market_id, sum(trades), sum(volume), sum(released), sum(failed),
    sum(disputed), sum(fees), avg((ask - bid) / ((ask + bid) / 2) * 10000), avg(least(bid_depth, ask_depth))
FROM desk_markethour WHERE hour >= %(start)s GROUP BY 1, 2 ORDER BY 1, 2
"""
_PLATFORM_SERIES = """
SELECT date_bin(%(step)s, hour, %(start)s) AS bin, sum(registered), sum(deposited), sum(withdrawn)
FROM desk_platformhour WHERE hour >= %(start)s GROUP BY 1 ORDER BY 1
"""
_TOTALS = """
SELECT hour >= %(start)s AS current, sum(trades), sum(volume), sum(released), sum(failed), sum(disputed), sum(fees)
FROM desk_markethour WHERE hour >= %(before)s GROUP BY 1
"""
_PLATFORM_TOTALS = """
SELECT hour >= %(start)s AS current, sum(registered), sum(deposited), sum(withdrawn)
FROM desk_platformhour WHERE hour >= %(before)s GROUP BY 1
"""

_OF_MARKETS: Final = ("trades", "volume", "released", "failed", "disputed", "fees", "spread", "depth")
_OF_ALL: Final = ("registered", "deposited", "withdrawn")


def start_of(period: Period, now: datetime) -> datetime:
    """Where the first step of a period that ends now begins: on a whole hour, or day, of UTC."""
    whole = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    if period.step >= timedelta(days=1):
        whole = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    return whole - period.length


def series(period: Period) -> dict[str, Any]:
    """What the charts of a period show, as numbers for JSON: two queries."""
    start = start_of(period, clock.now())
    parameters: dict[str, Any] = {"step": period.step, "start": start}
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, parameters)
        rows = cursor.fetchall()
        cursor.execute(_PLATFORM_SERIES, parameters)
        of_all = {row[0]: row[1:] for row in cursor.fetchall()}
    steps = [start + number * period.step for number in range(-(-period.length // period.step))]
    found = {(row[0], row[1]): row[2:] for row in rows}
    markets = sorted({row[1] for row in rows})
    return {
        "labels": [_label(step, period) for step in steps],
        "markets": {
            market: {
                name: [_number(found.get((step, market)), index) for step in steps]
                for index, name in enumerate(_OF_MARKETS)
            }
            for market in markets
        },
        "platform": {name: [_number(of_all.get(step), i) for step in steps] for i, name in enumerate(_OF_ALL)},
    }


def _label(step: datetime, period: Period) -> str:
    return step.strftime("%H:%M" if period.length <= timedelta(days=1) else "%-d %b")


def _number(row: tuple[Any, ...] | None, index: int) -> float | None:
    """A figure to draw, rounded; money is not counted with it."""
    value = row[index] if row else None
    return None if value is None else round(float(value), 2)


def totals(period: Period) -> dict[str, dict[str, Any]]:
    """The sums of a period, and of the one before it: two queries. None where there was nothing."""
    start = start_of(period, clock.now())
    parameters: dict[str, Any] = {"start": start, "before": start - period.length}
    found: dict[bool, dict[str, Any]] = {True: {}, False: {}}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, parameters)
        for current, *sums in cursor.fetchall():
            found[current] |= dict(zip(_OF_MARKETS, sums, strict=False))
        cursor.execute(_PLATFORM_TOTALS, parameters)
        for current, *sums in cursor.fetchall():
            found[current] |= dict(zip(_OF_ALL, sums, strict=True))
    return {"current": found[True], "before": found[False]}
