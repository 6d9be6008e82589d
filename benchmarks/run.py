"""One run: set up, measure in turn, check the books, clear away."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import conditions, database, engine, pgbench, report, web
from benchmarks.population import settle
from benchmarks.suite import Measurement, engine_measurements, http_measurements, pgbench_measurement
from benchmarks.verdict import Verdict, examine

_WARM_UP_S = 1


def run(*, rounds: int, seconds: int, traders: int, size: web.Size) -> tuple[str, bool]:
    """Measure everything; the report, and whether the exchange was sound afterwards."""
    with ExitStack() as stack:
        connection = stack.enter_context(database.server())
        described = conditions.describe(connection, size, traders)
        _say("preparing the databases")
        program = pgbench.find()
        yardstick = None
        if program:
            tpcb = stack.enter_context(database.fresh(connection, database.TPCB))
            pgbench.prepare(program, tpcb)
            yardstick = pgbench_measurement(program, tpcb)
        stack.enter_context(database.exchange(connection))
        people = settle(traders)
        over_http = http_measurements(stack.enter_context(web.serving(size)), people)
        floor, *_ = over_http
        measurements = [*engine_measurements(stack.enter_context(engine.started())), *over_http]
        if yardstick:
            measurements.insert(0, yardstick)
        verdict = _measure(measurements, rounds, seconds)
        described["load average at the end"] = conditions.load_average()
        measured = report.table(measurements, pgbench=yardstick, floor=floor)
    return report.whole(described, measured, verdict), not verdict.faults


def _measure(measurements: Sequence[Measurement], rounds: int, seconds: int) -> Verdict:
    acknowledged = 0
    for number in range(rounds + 1):
        _say(f"round {number} of {rounds}" if number else "warming up")
        for measurement in measurements:
            sample = measurement.take(seconds if number else _WARM_UP_S)
            if measurement.unit == "orders":
                acknowledged += sample.operations
            if number:
                measurement.series.samples.append(sample)
                _say(f"  {measurement.name}, {measurement.clients} clients: {sample.rate:,.0f}/s")
    _say("auditing the ledger")
    return examine(acknowledged)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
