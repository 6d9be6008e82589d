"""People who trade through nginx, one request after the other, each on a kept connection of his own.

A request that fails is counted, and sent again under the same key until it has a definite answer: what a careful client
does. What was acknowledged is in the `Journal`.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from deploy.rehearsal.people import MARKET, Person

Json = dict[str, Any]
NO_PROBLEM: Final = "and no problem document"
_PAUSE_S: Final = 0.2
_LOST: Final = frozenset({500, 502, 503, 504, 429})


@dataclass(slots=True)
class Tally:
    """What was asked since the last look."""

    requests: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def note(self, method: str, seconds: float, failure: str = "") -> None:
        self.requests[method] += 1
        self.slowest_s = max(self.slowest_s, seconds)
        if failure:
            self.failures[f"{method} {failure}"] += 1


@dataclass(slots=True)
class Journal:
    """What one person was told; it must be found again."""

    orders: dict[str, str] = field(default_factory=dict)
    """Order ids by client order id."""
    cancelled: set[str] = field(default_factory=set)
    trades: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    """Answers that should not have come, by code."""


class Trader:
    def __init__(self, client: httpx.AsyncClient, person: Person, load: "Load") -> None:
        self.person = person
        self.journal = Journal()
        self._client = client
        self._load = load
        self._chance = random.Random(person.user_id)  # noqa: S311
        self._headers = {"Authorization": f"Bearer {person.token}"}

    async def run(self) -> None:
        steps = itertools.cycle([self.order, self.look, self.order, self.settle, self.look, self.cancel])
        for step in steps:
            if self._load.stopping:
                return
            await step()

    async def order(self) -> None:
        body = {
            "market": MARKET,
            "side": self._chance.choice(["buy", "sell"]),
            "price": f"1.00{self._chance.randint(0, 5)}",
            "amount": str(self._chance.randint(1, 5)),
            "client_order_id": str(uuid4()),
        }
        answer = await self.insist("POST", "/orders", body)
        if answer.status_code in {200, 201}:
            self.journal.orders[body["client_order_id"]] = answer.json()["order"]["id"]
            self.journal.trades.update(trade["id"] for trade in answer.json()["trades"])
        else:
            self._refuse(answer)

    async def look(self) -> None:
        await self.insist("GET", "/wallet")
        await self.insist("GET", f"/markets/{MARKET}/book?depth=20")

    async def settle(self) -> None:
        """Pay and release what waits for it."""
        for trade in await self._list("/trades?status=awaiting_payment&role=buyer&limit=5"):
            await self.insist("POST", f"/trades/{trade['id']}/paid", {}, str(uuid4()))
        for trade in await self._list("/trades?status=paid&role=seller&limit=5"):
            answer = await self.insist("POST", f"/trades/{trade['id']}/release", {}, f"release-{trade['id']}")
            if answer.status_code == 200:
                self.journal.released.add(trade["id"])
            else:
                self._refuse(answer)

    async def cancel(self) -> None:
        """Cancel the newest order in the book, by either of the two ways."""
        for order in await self._list(f"/orders?market={MARKET}&status=open&limit=1"):
            if self._chance.random() < 0.5:
                answer = await self.insist("DELETE", f"/orders/{order['id']}")
            else:
                answer = await self.insist("POST", f"/orders/{order['id']}/cancel", {}, f"cancel-{order['id']}")
            if answer.status_code == 200:
                self.journal.cancelled.add(order["id"])

    async def insist(self, method: str, path: str, body: Json | None = None, key: str = "") -> httpx.Response:
        """The definite answer. Every failure on the way is counted."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        while True:
            started = time.monotonic()
            failure = ""
            try:
                answer = await self._client.request(method, path, json=body, headers=headers)
                if answer.status_code in _LOST:
                    failure = f"{answer.status_code} {_code(answer)}"
            except httpx.TransportError as error:
                failure = type(error).__name__
            self._load.tally.note(method, time.monotonic() - started, failure)
            if not failure and not (answer.status_code == 409 and _code(answer) == "idempotency_in_progress"):
                return answer
            await asyncio.sleep(_PAUSE_S)

    async def _list(self, path: str) -> list[Json]:
        found: list[Json] = (await self.insist("GET", path)).json()["results"]
        return found

    def _refuse(self, answer: httpx.Response) -> None:
        if _code(answer) != "trade_wrong_status":  # somebody's own release, found twice in a list
            self.journal.refused[_code(answer)] += 1


class Load:
    """All traders; `tally` is renewed for each act."""

    def __init__(self, client: httpx.AsyncClient, people: list[Person]) -> None:
        self.tally = Tally()
        self.stopping = False
        self.traders = [Trader(client, person, self) for person in people]

    def renew(self) -> Tally:
        """A tally of nothing yet; returns what the last one had."""
        past, self.tally = self.tally, Tally()
        return past


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("code", ""))
    except ValueError:
        return NO_PROBLEM
