"""What is measured, and the order in which it is done."""

import json
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Literal
from uuid import UUID

from benchmarks import ledger, load, pgbench
from benchmarks.engine import CLIENTS, Engine
from benchmarks.flow import MARKET, MARKETS, wish
from benchmarks.load import Request
from benchmarks.population import Trader
from benchmarks.samples import Sample, Series
from trades.models import Trade

Unit = Literal["transactions", "requests", "orders", "transfers"]
BATCH: Final = 100
HTTP_CLIENTS: Final = 16
HTTP_BATCH_CLIENTS: Final = 8
_BOOK: Final = f"/api/v1/markets/{MARKET}/book"
_FLOOR: Final = "/api/v1/benchmark/floor"
_MOST_PAIRS_A_SECOND: Final = 500


@dataclass(slots=True)
class Measurement:
    """Something that is measured for so many seconds, once a round."""

    name: str
    clients: int
    unit: Unit
    take: Callable[[int], Sample]
    series: Series = field(default_factory=Series)
    latest: Sample | None = None

    def measure(self, seconds: int, *, warming_up: bool = False) -> Sample:
        self.latest = sample = self.take(seconds)
        if not warming_up:
            self.series.samples.append(sample)
        return sample


Measurements = dict[str, Measurement]
"""By the keys that `benchmarks.bars` knows them by, in the order in which they are taken."""


def pgbench_measurement(program: Path, address: str) -> Measurements:
    name = f"pgbench TPC-B, scale {pgbench.SCALE}"
    take = partial(pgbench.measure, program, address)
    return {"pgbench": Measurement(name, pgbench.CLIENTS, "transactions", take)}


def engine_measurements(engine: Engine) -> Measurements:
    """Placing and matching by the use cases."""

    def placing(clients: int, batch: int, markets: int = 1) -> Measurement:
        name = "use cases, " + ("one order at a time" if batch == 1 else f"batches of {batch}")
        name += f", {markets} markets" if markets > 1 else ""
        take = partial(engine.measure, clients=clients, batch=batch, markets=markets)
        return Measurement(name, clients, "orders", take)

    return {
        "single": placing(1, 1),
        "batches": placing(1, BATCH),
        "batches, 2 clients": placing(2, BATCH),
        "batches, 2 markets": placing(2, BATCH, markets=2),
        "batches, 4 clients": placing(CLIENTS, BATCH),
        "batches, 4 markets": placing(CLIENTS, BATCH, markets=len(MARKETS)),
    }


def ledger_measurements() -> Measurements:
    """The ledger with everything that guards it, and without."""
    return {
        name: Measurement(f"ledger, {BATCH} transfers a commit, {name}", 1, "transfers", take)
        for name, take in (("guarded", ledger.guarded), ("unguarded", ledger.unguarded))
    }


def http_measurements(port: int, traders: Sequence[Trader]) -> Measurements:
    """The same by REST, and endpoints that do nothing."""
    requests = _Requests(traders)

    def over_http(
        name: str,
        unit: Unit,
        draw: load.Draw,
        clients: int = HTTP_CLIENTS,
        operations: int = 1,
        half_of: Measurement | None = None,
    ) -> Measurement:
        def take(seconds: int) -> Sample:
            rate = half_of.latest.rate / 2 if half_of and half_of.latest else None
            return load.measure(port, draw, seconds, clients=clients, operations=operations, rate=rate)

        return Measurement(f"HTTP, {name}", clients, unit, take)

    def pairs(seconds: int) -> Sample:
        return load.measure(port, requests.pairs(seconds), seconds, clients=HTTP_CLIENTS)

    def unchanged(seconds: int) -> Sample:
        return load.measure(port, requests.known_book(port), seconds, clients=HTTP_CLIENTS)

    orders = over_http("POST /orders", "orders", requests.order)
    batches = over_http(f"POST /orders/batch of {BATCH}", "orders", requests.batch, HTTP_BATCH_CLIENTS, BATCH)
    return {
        "floor": over_http("authenticated POST that does nothing", "requests", requests.floor),
        "orders": orders,
        "floor at half": over_http("the empty POST, at half that load", "requests", requests.floor, half_of=orders),
        "orders at half": over_http("POST /orders, at half that load", "orders", requests.order, half_of=orders),
        "http batches": batches,
        "pairs": Measurement("HTTP, POST paid, then release", HTTP_CLIENTS, "requests", pairs),
        "floor of reads": over_http("authenticated GET that does nothing", "requests", requests.floor_of_reads),
        "book": over_http("GET book", "requests", requests.book),
        "known book": Measurement("HTTP, GET book, 304", HTTP_CLIENTS, "requests", unchanged),
        "list": over_http("GET orders, a page of 50", "requests", requests.orders),
    }


class _Requests:
    """Requests of people drawn by chance."""

    def __init__(self, traders: Sequence[Trader]) -> None:
        self._tokens = {trader.user.id: trader.token for trader in traders}
        self._everybody = list(self._tokens)
        self._random = Random(0)

    def floor(self) -> Sequence[Request]:
        return [self._post(_FLOOR, {}, status=200)]

    def order(self) -> Sequence[Request]:
        return [self._post("/api/v1/orders", wish(self._random).as_json(), status=201)]

    def batch(self) -> Sequence[Request]:
        orders = [wish(self._random).as_json() for _ in range(BATCH)]
        return [self._post("/api/v1/orders/batch", {"orders": orders}, status=200)]

    def floor_of_reads(self) -> Sequence[Request]:
        return [load.get(_FLOOR, self._anybody())]

    def book(self) -> Sequence[Request]:
        return [load.get(_BOOK, self._anybody())]

    def orders(self) -> Sequence[Request]:
        return [load.get("/api/v1/orders?limit=50", self._anybody())]

    def known_book(self, port: int) -> load.Draw:
        """For who has the book already, as it is now."""
        with urllib.request.urlopen(f"http://{load.HOST}:{port}{_BOOK}") as answer:
            etag = answer.headers["ETag"]
        return lambda: [load.get(_BOOK, self._anybody(), status=304, etag=etag)]

    def pairs(self, seconds: int) -> load.Draw:
        """The ends of trades that wait for their payment: the buyer has paid, and the seller releases."""
        waiting = Trade.objects.filter(status=Trade.Status.AWAITING_PAYMENT).order_by("-id")
        trades = waiting.values_list("id", "buyer_id", "seller_id")[: seconds * _MOST_PAIRS_A_SECOND]
        ends = self._ends(list(trades))
        return lambda: next(ends)

    def _ends(self, trades: Sequence[tuple[UUID, UUID, UUID]]) -> Iterator[Sequence[Request]]:
        for trade, buyer, seller in trades:
            path = f"/api/v1/trades/{trade}"
            yield [
                load.post(f"{path}/paid", self._tokens[buyer], b"{}", status=200),
                load.post(f"{path}/release", self._tokens[seller], b"{}", status=200, key=str(trade)),
            ]

    def _post(self, path: str, body: object, *, status: int) -> Request:
        return load.post(path, self._anybody(), json.dumps(body).encode(), status=status)

    def _anybody(self) -> str:
        return self._tokens[self._random.choice(self._everybody)]
