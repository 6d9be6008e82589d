"""What only the database knows, measured by one worker and read by everybody.

Each reading is a row that a worker writes when the last one has grown old, so that a scrape costs one query, however
many processes are scraped. Queries keep to what waits (partial indexes), and never count what has ended.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any, Final

from django.conf import settings
from django.db import connection

from iqx.core import clock, jobs, maintenance
from iqx.ops import stuck
from iqx.ops.models import Reading
from wallets.audit import examine

logger = logging.getLogger(__name__)

Json = dict[str, Any]

STATE: Final = "state"
LEDGER: Final = "ledger_audit"
_STATE_EVERY: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured every so often, as labelled values per metric: `{metric: [[labels, value], ...]}`."""

    name: str
    every: timedelta
    take: Callable[[], Json]


# Each yields (label values..., value). An age is in seconds; NULLs, of which there is nothing, are left out.
_QUERIES: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "trades": (
        ("status",),
        "SELECT status, count(*) FROM trades_trade WHERE deadline IS NOT NULL GROUP BY status",
    ),
    "trades_oldest_seconds": (
        ("status",),
        "SELECT status, extract(epoch FROM now() - min(created_at)) FROM trades_trade "
        "WHERE deadline IS NOT NULL GROUP BY status",
    ),
    "orders_pending": ((), "SELECT count(*) FROM orders_order WHERE status = 'pending'"),
    "orders_pending_oldest_seconds": (
        (),
        "SELECT extract(epoch FROM now() - min(created_at)) FROM orders_order WHERE status = 'pending'",
    ),
    "markets": (("status",), "SELECT status, count(*) FROM orders_market GROUP BY status"),
    "deposits_waiting": (
        ("status",),
        "SELECT status, count(*) FROM wallets_deposit WHERE due_at IS NOT NULL GROUP BY status",
    ),
    "withdrawals_waiting": (
        ("status",),
        "SELECT status, count(*) FROM wallets_withdrawal WHERE due_at IS NOT NULL GROUP BY status",
    ),
    "withdrawals_oldest_seconds": (
        ("status",),
        "SELECT status, extract(epoch FROM now() - min(created_at)) FROM wallets_withdrawal "
        "WHERE due_at IS NOT NULL GROUP BY status",
    ),
    "jobs": (
        ("queue", "status"),
        "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs "
        "WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2",
    ),
    "jobs_oldest_seconds": (
        (),
        "SELECT extract(epoch FROM now() - min(e.at)) FROM procrastinate_jobs j "
        "JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
        "WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()",
    ),
    "messages_waiting": (
        ("route",),
        "SELECT route, count(*) FROM notices_delivery WHERE state IN ('pending', 'failed') GROUP BY route",
    ),
    "messages_overdue_seconds": (
        (),
        "SELECT greatest(0, extract(epoch FROM now() - min(due_at))) FROM notices_delivery "
        "WHERE state IN ('pending', 'failed')",
    ),
    "heartbeat_age_seconds": (("kind",), "SELECT kind, extract(epoch FROM now() - at) FROM core_pulse"),
    "database_bytes": ((), "SELECT pg_database_size(current_database())"),
    "database_connections": (
        ("state",),
        "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1",
    ),
    "database_oldest_transaction_seconds": (
        (),
        "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ),
}


def measure_state() -> Json:
    """What waits, and since when."""
    measured: Json = {}
    with connection.cursor() as cursor:
        for name, (labels, sql) in _QUERIES.items():
            cursor.execute(sql)
            measured[name] = [
                [dict(zip(labels, row[:-1], strict=True)), float(row[-1])]
                for row in cursor.fetchall()
                if row[-1] is not None
            ]
    measured["stuck"] = [[{"kind": kind.name}, kind.count] for kind in stuck.stuck()]
    measured["overdue"] = [[{"kind": kind.name}, kind.count] for kind in stuck.overdue()]
    measured["maintenance"] = [[{}, 1 if maintenance.under_way() else 0]]
    _tell_of_stuck({labels["kind"] for labels, count in measured["stuck"] if count})
    return measured


def _tell_of_stuck(kinds: set[str]) -> None:
    """Log and mail what has become stuck since the last time: once, not every ten seconds."""
    before = latest().get(STATE)
    known = {labels["kind"] for labels, count in before.data.get("stuck", []) if count} if before else set()
    if fresh := kinds - known:
        logger.error("Stuck: %s. `manage.py stuck` lists them", ", ".join(sorted(fresh)))
        jobs.defer("ops.tell_of_stuck")
    elif known and not kinds:
        logger.warning("Nothing is stuck any more")


def audit_ledger() -> Json:
    """Whether the books balance, and what is wrong if they don't."""
    results = examine()
    findings = [finding for result in results for finding in result.findings]
    if findings:
        logger.critical("The books do not balance: %s findings, the first is %s", len(findings), findings[0])
    return {
        "findings": len(findings),
        "first": [f"{finding.check} {finding.subject}: {finding.detail}" for finding in findings[:5]],
        "examined": {result.check.name: result.examined for result in results},
    }


def measures() -> list[Measure]:
    return [
        Measure(STATE, _STATE_EVERY, measure_state),
        Measure(LEDGER, timedelta(seconds=settings.LEDGER_AUDIT_SECONDS), audit_ledger),
    ]


def measure_what_is_due(names: tuple[str, ...]) -> None:
    """Renew these readings if they have grown old. Of several workers one does it; the others find it done."""
    for measure in measures():
        if measure.name in names and _is_due(measure) and _claim(measure):
            _renew(measure)


def renew(name: str) -> Json:
    """Measure now, whoever did so last."""
    (measure,) = (measure for measure in measures() if measure.name == name)
    return _renew(measure)


def _renew(measure: Measure) -> Json:
    started = perf_counter()
    data = measure.take()
    now, seconds = clock.now(), perf_counter() - started
    made = {"data": data, "at": now, "seconds": seconds}
    Reading.objects.update_or_create(pk=measure.name, defaults=made, create_defaults=made | {"claimed_at": now})
    return data


def _is_due(measure: Measure) -> bool:
    return not Reading.objects.filter(pk=measure.name, claimed_at__gt=clock.now() - measure.every).exists()


def _claim(measure: Measure) -> bool:
    """Say that it is being done, by one statement, so that one worker alone does it."""
    now = clock.now()
    nothing = {"data": {}, "at": now, "claimed_at": now, "seconds": 0}
    _, is_first = Reading.objects.get_or_create(pk=measure.name, defaults=nothing)
    due = Reading.objects.filter(pk=measure.name, claimed_at__lte=now - measure.every)
    return is_first or bool(due.update(claimed_at=now))


def latest() -> dict[str, Reading]:
    """All readings, by name: one query."""
    return {reading.name: reading for reading in Reading.objects.all() if reading.data}
