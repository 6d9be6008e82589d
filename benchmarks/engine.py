"""Orders through the use cases, without HTTP: each client is a process, as a web worker is."""

import itertools
import multiprocessing
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final

import django

from benchmarks.samples import Sample

CLIENTS: Final = 4


@dataclass(frozen=True, slots=True)
class Engine:
    """Up to `CLIENTS` processes that place orders."""

    processes: ProcessPoolExecutor
    _seeds: Iterator[int] = field(default_factory=itertools.count)

    def measure(self, seconds: float, *, clients: int, batch: int, markets: int = 1) -> Sample:
        """Have each client place batches of somebody's orders, and match them, one batch after the other.

        The clients share the first `markets` evenly; all orders of a client are in one.
        """
        from benchmarks.flow import MARKETS

        start_at = time.monotonic() + 0.1
        runs = [
            self.processes.submit(
                _place, MARKETS[number % markets], batch, next(self._seeds), start_at, start_at + seconds
            )
            for number in range(clients)
        ]
        latencies_s = [latency for run in runs for latency in run.result()]
        return Sample(len(latencies_s) * batch, time.monotonic() - start_at, latencies_s)


@contextmanager
def started() -> Iterator[Engine]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CLIENTS, mp_context=spawn, initializer=_set_up) as processes:
        yield Engine(processes)


def _set_up() -> None:
    """Prepare a client's process; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()


def _place(market: str, batch: int, seed: int, start_at: float, end_at: float) -> list[float]:
    """Runs in a client's process; the seconds that each batch took."""
    from accounts.models import User
    from benchmarks.flow import wish
    from trades.matching_run import match_market
    from trades.placing import place

    random, users = Random(seed), list(User.objects.all())
    latencies_s = []
    time.sleep(max(0.0, start_at - time.monotonic()))
    while (begin := time.monotonic()) < end_at:
        new = [wish(random, market).as_new_order() for _ in range(batch)]
        placed = place(owner=random.choice(users), new=new)
        refused = [placement.error for placement in placed.placements if placement.error]
        if refused:
            raise refused[0]
        if placed.pending:
            match_market(market)
        latencies_s.append(time.monotonic() - begin)
    return latencies_s
