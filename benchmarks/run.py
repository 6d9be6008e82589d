"""One run: set up, measure in turn, check the books, clear away."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import bars, conditions, database, engine, growth, pgbench, report, web
from benchmarks.population import settle
from benchmarks.suite import (
    Measurements,
    engine_measurements,
    http_measurements,
    ledger_measurements,
    pgbench_measurement,
)
from benchmarks.verdict import Verdict, examine

_WARM_UP_S = 1


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: `crowded` is how many orders rest when it is seen how cost grows, 0 if it isn't."""

    rounds: int
    seconds: int
    traders: int
    size: web.Size
    crowded: int


def run(effort: Effort) -> tuple[str, bool]:
    """Measure everything; the report, and whether the exchange was sound afterwards."""
    with ExitStack() as stack:
        connection = stack.enter_context(database.server())
        described = conditions.describe(connection, effort.size, effort.traders)
        _say("preparing the databases")
        program = pgbench.find()
        measurements: Measurements = {}
        if program:
            tpcb = stack.enter_context(database.fresh(connection, database.TPCB))
            pgbench.prepare(program, tpcb)
            measurements |= pgbench_measurement(program, tpcb)
        with database.exchange(connection), web.serving(effort.size) as port, engine.started() as clients:
            people = settle(effort.traders)
            measurements |= engine_measurements(clients) | ledger_measurements() | http_measurements(port, people)
            verdict = _measure(measurements, effort.rounds, effort.seconds)
        described["load average at the end"] = conditions.load_average()
        judged = bars.judge(measurements)
        if effort.crowded:
            judged.append(
                growth.measure(
                    connection,
                    effort.crowded,
                    rounds=effort.rounds,
                    seconds=effort.seconds,
                    traders=effort.traders,
                    say=_say,
                )
            )
        measured = report.table(measurements)
    return report.whole(described, judged, measured, verdict), not verdict.faults


def _measure(measurements: Measurements, rounds: int, seconds: int) -> Verdict:
    acknowledged = 0
    for number in range(rounds + 1):
        _say(f"round {number} of {rounds}" if number else "warming up")
        for measurement in measurements.values():
            sample = measurement.measure(seconds if number else _WARM_UP_S, warming_up=not number)
            if measurement.unit == "orders":
                acknowledged += sample.operations
            if number:
                _say(f"  {measurement.name}, {measurement.clients} clients: {sample.rate:,.0f}/s")
    _say("auditing the ledger")
    return examine(acknowledged)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
