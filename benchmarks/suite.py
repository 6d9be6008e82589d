"""What is measured, and the order in which it is done."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Literal

from benchmarks import load, pgbench
from benchmarks.engine import CLIENTS, Engine
from benchmarks.flow import wish
from benchmarks.population import Trader
from benchmarks.samples import Sample, Series

Unit = Literal["transactions", "requests", "orders"]
BATCH: Final = 100
HTTP_CLIENTS: Final = 16
HTTP_BATCH_CLIENTS: Final = 8


@dataclass(slots=True)
class Measurement:
    """Something that is measured for so many seconds, once a round."""

    name: str
    clients: int
    unit: Unit
    take: Callable[[int], Sample]
    series: Series = field(default_factory=Series)


def pgbench_measurement(program: Path, address: str) -> Measurement:
    return Measurement(
        f"pgbench TPC-B, scale {pgbench.SCALE}",
        pgbench.CLIENTS,
        "transactions",
        partial(pgbench.measure, program, address),
    )


def engine_measurements(engine: Engine) -> list[Measurement]:
    """Placing and matching by the use cases."""
    return [
        Measurement(
            f"use cases, {'one order at a time' if batch == 1 else f'batches of {batch}'}",
            clients,
            "orders",
            partial(engine.measure, clients=clients, batch=batch),
        )
        for clients, batch in ((1, 1), (1, BATCH), (CLIENTS, BATCH))
    ]


def http_measurements(port: int, traders: Sequence[Trader]) -> list[Measurement]:
    """The same by REST, and an endpoint that does nothing."""
    requests = _Requests(traders)

    def over_http(
        name: str, unit: Unit, draw: Callable[[], load.Request], clients: int, operations: int = 1
    ) -> Measurement:
        take = partial(load.measure, port, draw, clients=clients, operations=operations)
        return Measurement(f"HTTP, {name}", clients, unit, take)

    return [
        over_http("authenticated POST that does nothing", "requests", requests.floor, HTTP_CLIENTS),
        over_http("POST /orders", "orders", requests.order, HTTP_CLIENTS),
        over_http(f"POST /orders/batch of {BATCH}", "orders", requests.batch, HTTP_BATCH_CLIENTS, BATCH),
    ]


class _Requests:
    """Requests of people drawn by chance."""

    def __init__(self, traders: Sequence[Trader]) -> None:
        self._traders = traders
        self._random = Random(0)

    def floor(self) -> load.Request:
        return self._post("/api/v1/benchmark/floor", {}, status=200)

    def order(self) -> load.Request:
        return self._post("/api/v1/orders", wish(self._random).as_json(), status=201)

    def batch(self) -> load.Request:
        orders = [wish(self._random).as_json() for _ in range(BATCH)]
        return self._post("/api/v1/orders/batch", {"orders": orders}, status=200)

    def _post(self, path: str, body: object, *, status: int) -> load.Request:
        return load.post(path, self._random.choice(self._traders).token, json.dumps(body).encode(), status=status)
