"""What processes count while they work. What the database knows is measured elsewhere (`iqx.ops.readings`).

Counting costs a microsecond or two, and no process waits for another (`iqx.core.slots`). Labels come from small, known
sets: never an id, an address or whatever a client sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from django.db import connection
from prometheus_client import Counter, Gauge, Histogram

from iqx.core import clock

_REQUEST_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_QUICK_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter("iqx_http_requests", "Requests answered", ["method", "route", "status"])
_request_seconds = Histogram(
    "iqx_http_request_seconds", "Time that a request took", ["method", "route"], buckets=_REQUEST_BUCKETS
)
orders = Counter("iqx_orders", "Orders accepted", ["market", "side"])
orders_refused = Counter("iqx_orders_refused", "Orders refused, by the code of the refusal", ["code"])
fills = Counter("iqx_fills", "Fills: each opens a trade", ["market"])
batch_orders = Histogram(
    "iqx_matching_batch_orders",
    "Orders that one matching run took",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500),
)
_matching_seconds = Histogram(
    "iqx_matching_seconds",
    "Time of a transaction that matches, from asking for the book's lock to the commit",
    ["how"],
    buckets=_QUICK_BUCKETS,
)
event_lag = Histogram(
    "iqx_event_lag_seconds", "From an event's being written to its being handed to sockets", buckets=_QUICK_BUCKETS
)
sockets = Gauge("iqx_sockets", "Open WebSockets", multiprocess_mode="livesum")
sockets_closed = Counter("iqx_sockets_closed", "WebSockets that the server closed, by their code", ["code"])
chore_failures = Counter("iqx_chore_failures", "Rounds of a chore that failed", ["chore"])
chore_seconds = Counter("iqx_chore_seconds", "Time spent on a chore", ["chore"])
chore_rounds = Counter("iqx_chore_rounds", "Rounds of a chore that succeeded", ["chore"])
money_requests = Counter("iqx_money_requests", "Steps of deposits and withdrawals", ["kind", "status"])
money_amount = Counter("iqx_money_requests_usdt", "USDT in steps of deposits and withdrawals", ["kind", "status"])
_pool = Gauge("iqx_db_pool", "Connections to the database", ["state"], multiprocess_mode="livesum")

_children: dict[tuple[str, str, str], tuple[Any, Any]] = {}


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    key = (method if method in _METHODS else "other", route, str(status))
    children = _children.get(key)
    if children is None:
        _children[key] = children = _requests.labels(*key), _request_seconds.labels(*key[:2])
    count, time = children
    count.inc()
    time.observe(seconds)


@contextmanager
def matching(how: str) -> Iterator[None]:
    """Time a transaction that matches; one that is refused counts as well."""
    started = perf_counter()
    try:
        yield
    finally:
        _matching_seconds.labels(how).observe(perf_counter() - started)


def note_delivery(written_at: datetime) -> None:
    """Count an event as handed on now."""
    event_lag.observe(max(0.0, (clock.now() - written_at).total_seconds()))


_POOL_STATES: Final = {
    "pool_size": "open",
    "pool_available": "idle",
    "requests_waiting": "waited_for",
    "pool_max": "at_most",
}


def note_pool() -> None:
    """Note how many connections this process has; to be called now and then."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    for name, state in _POOL_STATES.items():
        _pool.labels(state).set(stats.get(name, 0))
