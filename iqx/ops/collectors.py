"""The numbers as Prometheus reads them: what processes counted, what the worker measured, what the processes use."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from iqx import __version__
from iqx.core import clock, slots
from iqx.ops import readings

_HELP: Final = {
    "trades": "Live trades by state",
    "trades_oldest_seconds": "Age of the oldest live trade by state",
    "orders_pending": "Orders that wait to be matched",
    "orders_pending_oldest_seconds": "Age of the oldest order that waits to be matched",
    "markets": "Markets by status",
    "deposits_waiting": "Deposits that wait for staff",
    "withdrawals_waiting": "Withdrawals under way by status",
    "withdrawals_oldest_seconds": "Age of the oldest withdrawal under way by status",
    "jobs": "Jobs by queue and status; failed ones stay until they are purged",
    "jobs_oldest_seconds": "Age of the oldest job that is due and not begun",
    "messages_waiting": "Mails, messages and webhook posts that wait to be sent",
    "messages_overdue_seconds": "How long the most overdue of them is overdue",
    "stuck": "What should have moved on by itself and did not, by kind",
    "overdue": "What waits for staff beyond its deadline, by kind",
    "maintenance": "Whether the platform is in maintenance",
    "heartbeat_age_seconds": "Time since any process of a kind was known to work",
    "database_bytes": "Size of the database",
    "database_connections": "Connections to the database by state, from everywhere",
    "database_oldest_transaction_seconds": "Age of the oldest transaction",
}


def registry() -> CollectorRegistry:
    """Everything there is to scrape, for one scrape."""
    slots.forget_the_dead()
    together = CollectorRegistry()
    folder = slots.folder()
    if folder:
        MultiProcessCollector(together, str(folder))  # type: ignore[no-untyped-call]
    else:
        together.register(_Own())
    for collector in (_Readings(), _Processes()):
        together.register(collector)
    return together


class _Own(Collector):
    """What this process counted, where it counts for itself."""

    def collect(self) -> Iterator[Metric]:
        return (metric for metric in REGISTRY.collect() if metric.name.startswith("iqx_"))


class _Readings(Collector):
    """The worker's newest measurements. A database that is away is told by a gauge, and spoils nothing else."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("build_info", "Version that runs", [({"version": __version__}, 1)])
        try:
            found = readings.latest()
        except DatabaseError:
            yield _gauge("database_up", "Whether the database answers the process that is scraped", [({}, 0)])
            return
        yield _gauge("database_up", "Whether the database answers the process that is scraped", [({}, 1)])
        ages = [({"reading": name}, (clock.now() - reading.at).total_seconds()) for name, reading in found.items()]
        costs = [({"reading": name}, reading.seconds) for name, reading in found.items()]
        yield _gauge("reading_age_seconds", "Time since a worker measured this", ages)
        yield _gauge("reading_seconds", "Time that the measurement took", costs)
        if readings.STATE in found:
            for name, values in found[readings.STATE].data.items():
                yield _gauge(name, _HELP.get(name, name), [(labels, value) for labels, value in values])
        if readings.LEDGER in found:
            findings = found[readings.LEDGER].data["findings"]
            yield _gauge("ledger_audit_findings", "What the last audit of the books found wrong", [({}, findings)])


class _Processes(Collector):
    """What each process that counts together uses, where /proc tells."""

    def collect(self) -> Iterator[Metric]:
        processes = slots.processes() or [slots.Process("this", os.getpid())]
        used = [(process.slot, usage) for process in processes if (usage := usage_of(process.pid))]
        for name, help_text in _USAGE_HELP.items():
            values = [({"process": slot}, usage[name]) for slot, usage in used]
            yield _gauge(f"process_{name}", help_text, values)


_USAGE_HELP: Final = {
    "resident_bytes": "Memory that is resident",
    "cpu_seconds": "User and system time since the start",
    "threads": "Threads",
    "open_files": "Open file descriptors",
    "start_time_seconds": "Start, in seconds since the epoch",
}


def usage_of(pid: int) -> dict[str, float] | None:
    """What a process uses; None, if it is gone or this is no Linux."""
    if not sys.platform.startswith("linux"):
        return None
    folder = Path(f"/proc/{pid}")
    try:
        # After the name in brackets, which may have spaces: field 3 of proc(5) is the first.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        files = len(os.listdir(folder / "fd"))
        booted = next(
            float(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime")
        )
    except (OSError, StopIteration):
        return None
    ticks = os.sysconf("SC_CLK_TCK")
    return {
        "resident_bytes": float(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
        "cpu_seconds": (float(fields[11]) + float(fields[12])) / ticks,
        "threads": float(fields[17]),
        "open_files": float(files),
        "start_time_seconds": booted + float(fields[19]) / ticks,
    }


def _gauge(name: str, help_text: str, values: list[tuple[dict[str, str], float]]) -> GaugeMetricFamily:
    labels = list(values[0][0]) if values else []
    family = GaugeMetricFamily(f"iqx_{name}", help_text, labels=labels)
    for own, value in values:
        family.add_metric([own[label] for label in labels], value)
    return family


def as_json() -> dict[str, Any]:
    """All metrics as objects; of a histogram its buckets, sum and count."""
    return {
        metric.name: {
            "help": metric.documentation,
            "type": metric.type,
            "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in metric.samples],
        }
        for metric in registry().collect()
    }
