"""How people have traded, counted in one place: `accounts.TraderRecord` is what this says, and nothing else writes it.

The worker counts anew, in a fixed number of statements, everybody whose record may have changed since the last round:
who ended a trade or was rated, and whose trade has just become older than 30 days. A round looks back a little further
than the last one got, since a row appears when its transaction commits; counting somebody twice is harmless. So the
steps of a trade write nothing here.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.events import trading_paused
from accounts.models import User
from accounts.trust.rules import SERIAL_CANCELLER, rule_in_force
from iqx.core import clock, events
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case
from orders.matching import Side
from trades.escrow import TRANSITIONS
from trades.models import RollUp, Trade

RECENT: Final = timedelta(days=30)
FAILURES_WITHIN: Final = timedelta(hours=24)
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_OVERLAP: Final = timedelta(minutes=2)  # longer than any transaction may take
_SOLD: Final = [Trade.Status.RELEASED.value, Trade.Status.SPLIT.value]
_ENDED: Final = sorted(set(Trade.Status.values) - set(Trade.LIVE))
_SELLER_FAILS: Final = sorted({key[1].value for key, change in TRANSITIONS.items() if change.failed is Side.SELL})

_CHANGED = """
WITH spans (since, until) AS (
    SELECT %(since)s::timestamptz, 'infinity'::timestamptz
    UNION ALL SELECT %(since)s::timestamptz - %(recent)s::interval, %(now)s::timestamptz - %(recent)s::interval
), ended AS (
    SELECT DISTINCT s.trade_id FROM spans JOIN trades_step s ON s.at >= spans.since AND s.at <= spans.until
    WHERE s.status = ANY(%(ended)s)
)
SELECT buyer_id FROM trades_trade JOIN ended ON trade_id = id
UNION SELECT seller_id FROM trades_trade JOIN ended ON trade_id = id
UNION SELECT subject_id FROM trades_feedback WHERE created_at >= %(since)s
"""

# Whose fault it was, the last step of a trade tells.
_JUDGED = """
WITH part AS (
    SELECT buyer_id AS person, seller_id AS other, 'buy' AS side, id, status, created_at, paid_at, closed_at
    FROM trades_trade WHERE buyer_id = ANY(%(people)s) AND status = ANY(%(ended)s) AND closed_at > %(since)s
    UNION ALL
    SELECT seller_id, buyer_id, 'sell', id, status, created_at, paid_at, closed_at
    FROM trades_trade WHERE seller_id = ANY(%(people)s) AND status = ANY(%(ended)s) AND closed_at > %(since)s
), judged AS (
    SELECT part.*, status = ANY(%(sold)s) AS sold, closed_at > %(now)s::timestamptz - %(recent)s::interval AS recent,
        NOT status = ANY(%(sold)s) AND side = CASE WHEN EXISTS (
            SELECT FROM trades_step s
            WHERE s.trade_id = part.id AND s.status = part.status AND s.action = ANY(%(seller_fails)s)
        ) THEN 'sell' ELSE 'buy' END AS failed
    FROM part
)
"""

_COUNT = f"""
{_JUDGED}, traded AS (
    SELECT person, count(*) FILTER (WHERE sold) AS completed, count(*) FILTER (WHERE failed) AS failed,
        count(*) FILTER (WHERE sold AND recent) AS recent, count(DISTINCT other) FILTER (WHERE sold) AS partners,
        avg(extract(epoch FROM paid_at - created_at)) FILTER (WHERE sold AND recent AND side = 'buy') AS pay,
        avg(extract(epoch FROM closed_at - paid_at)) FILTER (WHERE sold AND recent AND side = 'sell') AS release,
        min(closed_at) FILTER (WHERE sold) AS first
    FROM judged GROUP BY person
), rated AS (
    SELECT subject_id, round(avg(rating), 2) AS rating, count(*) AS ratings
    FROM trades_feedback WHERE subject_id = ANY(%(people)s) GROUP BY subject_id
)
SELECT person, completed, failed, round(completed::numeric / nullif(completed + failed, 0), 4), recent, partners,
    round(pay), round(release), rating, coalesce(ratings, 0), first
FROM traded LEFT JOIN rated ON subject_id = person
"""  # noqa: S608

_FAILURES = f"""
{_JUDGED}
SELECT person, count(*), max(closed_at) FROM judged LEFT JOIN accounts_traderrecord ON user_id = person
WHERE failed AND (pardoned_at IS NULL OR closed_at > pardoned_at) GROUP BY person HAVING count(*) >= %(least)s
"""  # noqa: S608

_COLUMNS: Final = (
    "user_id", "completed_trades", "failed_trades", "completion_rate", "trades_30d", "partners", "pay_seconds",
    "release_seconds", "rating", "ratings", "first_trade_at",
)  # fmt: skip
_WRITE = f"""
INSERT INTO accounts_traderrecord ({", ".join(_COLUMNS)}) {_COUNT}
ON CONFLICT (user_id) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])}
"""


@use_case
def roll_up_records() -> int:
    """Count anew whose records may have changed since the last round; how many people that was.

    Locks: the row of the round, which another worker's round is left; those who are paused; streams.
    Emits: trading_paused.
    """
    turn = lock(LockRank.ACCOUNT, RollUp.objects.filter(pk="records"), skip_locked=True)
    if not turn:
        return 0
    (round_,) = turn
    now = clock.now()
    people = _changed(round_.until, now)
    _execute(_WRITE, people, now)
    news = _pause_cancellers(people, now)
    round_.until = now
    round_.save(update_fields=["until"])
    events.append(news)
    return len(people)


def _changed(last: datetime | None, now: datetime) -> list[UUID]:
    """Everybody, at first."""
    since = last - _OVERLAP if last else _BEGINNING
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"since": since, "now": now, "recent": str(RECENT), "ended": _ENDED})
        return [person for (person,) in cursor.fetchall()]


def _execute(sql: str, people: Collection[UUID], now: datetime, **more: datetime | int) -> list[tuple[Any, ...]]:
    parameters: dict[str, Any] = {
        "people": list(people),
        "now": now,
        "recent": str(RECENT),
        "since": _BEGINNING,
        "ended": _ENDED,
        "sold": _SOLD,
        "seller_fails": _SELLER_FAILS,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters | more)
        return cursor.fetchall() if cursor.description else []


def _pause_cancellers(people: Collection[UUID], now: datetime) -> list[NewEvent]:
    """Pause those whose failures of the last 24 hours reach a rung, counted from the last failure; never for less.

    Locks: those who are paused. Returns the news of it.
    """
    rule = rule_in_force(SERIAL_CANCELLER)
    if rule is None:
        return []
    rungs = [(failures, timedelta(seconds=seconds)) for failures, seconds in rule["ladder"]]
    pauses = {}
    for person, failures, last in _execute(_FAILURES, people, now, since=now - FAILURES_WITHIN, least=rungs[0][0]):
        until = last + max(pause for needed, pause in rungs if needed <= failures)
        if until > now:
            pauses[person] = (failures, until)
    news = []
    for user in lock(LockRank.ACCOUNT, User.objects.filter(pk__in=pauses)) if pauses else []:
        failures, until = pauses[user.pk]
        if user.trading_paused_until is None or user.trading_paused_until < until:
            user.trading_paused_until = until
            user.save(update_fields=["trading_paused_until"])
            news.append(trading_paused(user, SERIAL_CANCELLER.explain(failures=failures)))
    return news
