"""One run of the feed's measurements, on a database that is there and empty."""

import sys
from collections.abc import Callable, Sequence

from benchmarks.feed import scenarios
from benchmarks.feed.scenarios import Effort
from benchmarks.feed.servers import Redis
from benchmarks.lines import Line
from benchmarks.population import settle


def measure(names: Sequence[str], effort: Effort, redis: Redis) -> list[Line]:
    """Measure what is named, one after the other; says on standard error how far it is."""
    people = settle(effort.sockets if "memory" in names else 1)
    tokens = [person.token for person in people]
    known: dict[str, Callable[[], list[Line]]] = {
        "crowd": lambda: scenarios.crowd(effort),
        "throughput": lambda: scenarios.throughput(effort),
        "resume": lambda: scenarios.resume(effort),
        "slow": lambda: scenarios.slow_client(effort),
        "memory": lambda: scenarios.memory(effort, tokens),
        "outages": lambda: scenarios.outages(effort, redis),
        "processes": lambda: scenarios.two_processes(effort),
    }
    lines = []
    for name in names:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        lines += known[name]()
        print(f"  {lines[-1].measured}", file=sys.stderr, flush=True)
    return lines
