"""Traders who never give up: each repeats a request, under the same key, until it has a definite answer.

What they were told is in a `Journal`, to be held against the platform afterwards.
"""

import itertools
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]

MARKET = "USDT-USD"
_IN_PROGRESS = "idempotency_in_progress"


@dataclass
class Journal:
    """What one trader was told: what it must find again."""

    orders: dict[str, str] = field(default_factory=dict)
    """Order ids by client order id."""
    cancelled: set[str] = field(default_factory=set)
    deposits: dict[str, str] = field(default_factory=dict)
    """Deposit ids by idempotency key."""
    trades: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def answers(self) -> int:
        return len(self.orders) + len(self.deposits) + len(self.released)


class Trader(threading.Thread):
    """One person with one connection: posts orders on both sides, deposits, pays and releases."""

    def __init__(self, url: str, email: str, password: str) -> None:
        super().__init__(name=email)
        self.journal = Journal()
        self._stopping = threading.Event()
        self._chance = random.Random(email)  # noqa: S311
        self._http = httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=10)
        answer = self._http.post("/auth/login", json={"email": email, "password": password}).json()
        self._http.headers["Authorization"] = f"Bearer {answer['access']}"
        self.user_id: str = answer["user"]["id"]

    def run(self) -> None:
        chores = itertools.cycle([self.order, self.order, self.deposit, self.settle, self.cancel])
        for chore in chores:
            if self._stopping.is_set():
                return
            try:
                chore()
            except Exception as error:
                self.journal.faults.append(f"{chore.__name__}: {error!r}")
                raise

    def order(self) -> None:
        body = {
            "market": MARKET,
            "side": self._chance.choice(["buy", "sell"]),
            "price": f"1.00{self._chance.randint(0, 5)}",
            "amount": str(self._chance.randint(1, 5)),
            "client_order_id": str(uuid4()),
        }
        answer = self.insist("POST", "/orders", body)
        if answer.status_code in {200, 201}:
            self.journal.orders[body["client_order_id"]] = answer.json()["order"]["id"]
            self.journal.trades.update(trade["id"] for trade in answer.json()["trades"])
        elif answer.json()["code"] != "insufficient_funds":
            self.journal.faults.append(answer.text)

    def deposit(self) -> None:
        key = str(uuid4())
        answer = self.insist("POST", "/wallet/deposits", {"amount": "3"}, key)
        self.journal.deposits[key] = answer.json()["id"]

    def cancel(self) -> None:
        """Cancel the newest order that rests in the book."""
        for order in self.list(f"/orders?market={MARKET}&status=open&limit=1"):
            answer = self.insist("POST", f"/orders/{order['id']}/cancel", {}, f"cancel-{order['id']}")
            if answer.status_code == 200:
                self.journal.cancelled.add(order["id"])

    def settle(self) -> None:
        """Pay and release what is waiting for it."""
        for trade in self.list("/trades?status=awaiting_payment&role=buyer&limit=5"):
            self.insist("POST", f"/trades/{trade['id']}/paid", {}, str(uuid4()))
        for trade in self.list("/trades?status=paid&role=seller&limit=5"):
            answer = self.insist("POST", f"/trades/{trade['id']}/release", {}, f"release-{trade['id']}")
            if answer.status_code == 200:
                self.journal.released.add(trade["id"])

    def list(self, path: str) -> list[Json]:
        found: list[Json] = self.insist("GET", path).json()["results"]
        return found

    def insist(self, method: str, path: str, body: Json | None = None, key: str = "") -> httpx.Response:
        """The definite answer: not a broken connection, nor `busy`, nor `in progress`. A 500 is a fault."""
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            try:
                answer = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                time.sleep(0.2)
                continue
            if answer.status_code == 500:
                raise AssertionError(answer.text)
            if answer.status_code != 503 and not (answer.status_code == 409 and _IN_PROGRESS in answer.text):
                return answer
            time.sleep(0.2)

    def stop(self) -> None:
        """End when the request in hand is answered."""
        self._stopping.set()
        self.join()

    def close(self) -> None:
        self.stop()
        self._http.close()


def wait_for_progress(traders: list[Trader], *, steps: int, within_s: float) -> None:
    """Until they have been given so many more answers."""
    aim = _answers(traders) + steps
    give_up_at = time.monotonic() + within_s
    while _answers(traders) < aim:
        assert time.monotonic() < give_up_at, f"only {_answers(traders)} of {aim} answers within {within_s} s"
        assert all(trader.is_alive() for trader in traders), [trader.journal.faults for trader in traders]
        time.sleep(0.05)


def _answers(traders: list[Trader]) -> int:
    return sum(trader.journal.answers for trader in traders)
