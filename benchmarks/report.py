"""The tables, and the page of the documentation that holds them."""

from collections.abc import Mapping, Sequence

from benchmarks import lines
from benchmarks.lines import Line
from benchmarks.suite import Measurement, Measurements
from benchmarks.verdict import Verdict

_COLUMNS = ("measured", "clients", "per second", "lowest-highest", "p50 ms", "p99 ms", "x pgbench", "x floor")

_PAGE = """# Performance

`make bench` measures how fast IQX places and matches orders, and how fast its feed tells of them. Figures of one
machine say little about another, so everything is related to yardsticks taken in the same run on the same server:
**pgbench**, PostgreSQL's own TPC-B-like benchmark ({clients} clients), and the **floor**, an authenticated request that
does nothing, which is what the web server, the framework and authentication cost. This page is written by
`python -m benchmarks --write docs/performance.md`; [performance-why.md](performance-why.md) has what profiles taught,
and what holds back the lines that miss their bars.

How it is measured: all of it in turn, {rounds} rounds of {seconds} seconds each after a warm-up. A figure is the median
of the rounds, with the lowest and the highest beside it; latencies are per request over all rounds. The people who
trade, the markets and the prices are made up; bids and asks scatter around a middle so that half of the orders
trade. Placing an order ends when it is matched. Clients of the use cases are processes; the clients of HTTP are one
light process, which shares the CPUs with the web server and with PostgreSQL, as pgbench does. At half of a load
requests come by a timetable, and one that is late for it has waited since. The databases are made for the run and
dropped after it.

{report}"""


def table(measured: Measurements) -> str:
    """Markdown that reads well in a terminal, too."""
    pgbench, floor, reads = measured.get("pgbench"), measured["floor"], measured["floor of reads"]
    rows = [
        _row(measurement, pgbench, reads if " GET " in measurement.name else floor) for measurement in measured.values()
    ]
    if pgbench is None:
        rows.insert(0, ("pgbench TPC-B: n/a, no pgbench was found", *[""] * (len(_COLUMNS) - 1)))
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in (_COLUMNS, rule, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return f"| {first[0]:<{first[1]}} | " + " | ".join(f"{cell:>{width}}" for cell, width in others) + " |"


def _row(measurement: Measurement, pgbench: Measurement | None, floor: Measurement) -> tuple[str, ...]:
    series = measurement.series
    return (
        f"{measurement.name} ({measurement.unit})",
        str(measurement.clients),
        f"{series.median_rate:,.0f}",
        f"{min(series.rates):,.0f}-{max(series.rates):,.0f}",
        f"{series.latency_ms(50):.1f}",
        f"{series.latency_ms(99):.1f}",
        _ratio(measurement, pgbench),
        _ratio(measurement, floor) if measurement.name.startswith("HTTP") else "",
    )


def _ratio(measurement: Measurement, yardstick: Measurement | None) -> str:
    if yardstick is None:
        return "n/a"
    return f"{measurement.series.median_rate / yardstick.series.median_rate:.2f}"


def conditions(described: Mapping[str, str]) -> str:
    return "\n".join(f"* {name}: {value}" for name, value in described.items())


def whole(described: Mapping[str, str], judged: Sequence[Line], measured: str, verdict: Verdict) -> str:
    return f"{conditions(described)}\n\n{lines.table('the engine', judged)}\n\n{measured}\n\n{verdict}\n"


def page(report: str, *, clients: int, rounds: int, seconds: int) -> str:
    return _PAGE.format(report=report, clients=clients, rounds=rounds, seconds=seconds)
