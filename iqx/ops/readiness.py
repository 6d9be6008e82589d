"""Whether the platform can do its work: what it stands on, asked one by one.

A process is *ready* as long as it can serve: with its database, and with a clock that agrees with the database's.
Whatever else is away makes it *degraded*: it serves, and somebody should look. Without Redis feeds poll and PostgreSQL
counts quotas; without a worker deadlines wait (and are made good). Taking every web process out of the load balancer
for that would turn a nuisance into an outage.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Literal, NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from iqx.core import clock, pulse
from iqx.core.models import Pulse, PulseKind
from iqx.ops import readings

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 1.0
MAX_SKEW: Final = timedelta(seconds=5)
State = Literal["ok", "degraded", "failed"]


class Outcome(NamedTuple):
    """What a check found; `detail` is for operators, not for strangers."""

    state: State
    detail: str = ""


def _database() -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Outcome("ok")


def _channel_layer() -> Outcome:
    """The in-memory layer is always there; the other one is Redis."""
    if not settings.REDIS_URL:
        return Outcome("ok", "in memory")
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as client:
        client.ping()
    return Outcome("ok", "Redis")


def silence(kind: PulseKind) -> timedelta | None:
    """Since when no process of a kind has been heard of; None, if none ever was."""
    beat = Pulse.objects.filter(pk=kind).first()
    return clock.now() - beat.at if beat else None


def _worker() -> Outcome:
    age = silence(PulseKind.WORKER)
    if age is None:
        return Outcome("degraded", "no worker has ever run")
    state: State = "ok" if age <= pulse.TOLERANCE else "degraded"
    return Outcome(state, f"last heard of {age.total_seconds():.0f} s ago")


def _ledger() -> Outcome:
    audit = readings.latest().get(readings.LEDGER)
    if audit is None:
        return Outcome("ok", "not audited yet: a worker does it first thing")
    if audit.data["findings"]:
        return Outcome("failed", f"{audit.data['findings']} findings, such as {audit.data['first'][0]}")
    age = clock.now() - audit.at
    overdue = age > 3 * timedelta(seconds=settings.LEDGER_AUDIT_SECONDS)
    return Outcome("degraded" if overdue else "ok", f"balanced {age.total_seconds():.0f} s ago")


def _clock() -> Outcome:
    """Ours against the database's: every deadline is set by the one and compared with the other somewhere."""
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    skew = max(before - theirs, theirs - clock.now(), timedelta(0))
    return Outcome("ok" if skew <= MAX_SKEW else "failed", f"{skew.total_seconds():.3f} s from the database's")


CHECKS: dict[str, Callable[[], Outcome]] = {
    "database": _database,
    "channel_layer": _channel_layer,
    "worker": _worker,
    "ledger": _ledger,
    "clock": _clock,
}
REQUIRED: Final = frozenset({"database", "clock"})
"""Without these a process can't serve."""


def check() -> dict[str, Outcome]:
    return {name: _outcome(name, ask) for name, ask in CHECKS.items()}


def check_of(name: str) -> Outcome:
    return CHECKS[name]()


def overall(outcomes: dict[str, Outcome]) -> State:
    if any(outcomes[name].state == "failed" for name in REQUIRED):
        return "failed"
    return "ok" if all(outcome.state == "ok" for outcome in outcomes.values()) else "degraded"


def _outcome(name: str, ask: Callable[[], Outcome]) -> Outcome:
    try:
        outcome = ask()
    except (DatabaseError, redis.RedisError) as error:
        outcome = Outcome("failed", str(error).strip())
    _tell_of_change(name, outcome)
    return outcome


_told: dict[str, State] = {}


def _tell_of_change(name: str, outcome: Outcome) -> None:
    """Log what changed, once: a load balancer asks every few seconds."""
    if _told.get(name, "ok") != outcome.state:
        level = logging.INFO if outcome.state == "ok" else logging.WARNING
        logger.log(level, "Readiness: %s is %s: %s", name, outcome.state, outcome.detail or "as it should be")
    _told[name] = outcome.state


def report(outcomes: dict[str, Outcome], *, in_full: bool) -> dict[str, Any]:
    """The answer to whoever asks; why something is as it is, only `in_full`."""
    shown: dict[str, Any] = {
        "status": overall(outcomes),
        "checks": {name: outcome.state for name, outcome in outcomes.items()},
    }
    if in_full:
        shown["details"] = {name: outcome.detail for name, outcome in outcomes.items()}
    return shown
