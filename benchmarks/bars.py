"""What the engine should reach, as ratios of what was measured in the same run."""

from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.lines import Line
from benchmarks.suite import Measurement, Measurements

_RATES: Final = (
    ("orders through the use cases, batches of 100, one client", "batches", "pgbench", 1.0),
    ("the same in four markets by a client each", "batches, 4 markets", "pgbench", 1.0),
    ("orders by POST /orders/batch of 100", "http batches", "pgbench", 0.6),
    ("single POST /orders", "orders", "floor", 0.5),
    ("POST paid and release, two requests", "pairs", "floor", 0.4),
    ("GET book", "book", "floor of reads", 0.7),
    ("GET book by who has it already: 304", "known book", "floor of reads", 0.7),
    ("GET orders, a page of 50", "list", "floor of reads", 0.7),
    ("the guarded ledger", "guarded", "unguarded", 0.65),
    ("two markets on two processes, batches of 100", "batches, 2 markets", "batches, 2 clients", 1.4),
)
"""(what, its measurement, the yardstick, the least ratio of their rates)"""

_MOST_P99: Final = 5.0
_YARDSTICKS: Final = {
    "pgbench": "pgbench",
    "floor": "the empty POST",
    "floor of reads": "the empty GET",
    "unguarded": "the same without triggers and foreign keys",
    "batches, 2 clients": "one market on two processes",
}


def judge(measured: Measurements) -> list[Line]:
    return [*_rates(measured), _patience(measured)]


def _rates(measured: Measurements) -> Iterator[Line]:
    for what, key, yardstick, least in _RATES:
        of = f"x {_YARDSTICKS[yardstick]}"
        if yardstick not in measured:
            yield Line(what, "n/a: no pgbench was found", f"at least {least:g} {of}")
            continue
        ratio = _ratio(measured[key], measured[yardstick], lambda one: one.series.median_rate)
        yield Line(what, f"{ratio:.2f} {of}", f"at least {least:g}", ratio >= least)


def _patience(measured: Measurements) -> Line:
    ratio = _ratio(measured["orders at half"], measured["floor at half"], lambda one: one.series.latency_ms(99))
    return Line(
        "p99 of single orders at half of their load",
        f"{ratio:.1f} x that of the empty POST",
        f"at most {_MOST_P99:g}",
        ratio <= _MOST_P99,
    )


def _ratio(one: Measurement, other: Measurement, figure: Callable[[Measurement], float]) -> float:
    return figure(one) / figure(other)
