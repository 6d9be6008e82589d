"""A bot as a party to trades: it pays and releases after a while; with other bots it is sometimes unreliable."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Final

from iqx.demo.client import Client, Json, Refused
from iqx.demo.feed import Feed
from iqx.demo.world import MARKET, World

_LIVE: Final = frozenset({"awaiting_payment", "expired", "paid", "disputed"})
_CANCELS: Final = 0.03
_PAYS_LATE: Final = 0.02
_WANTS_OUT: Final = 0.01
_AGREES_TO_CANCEL: Final = 0.7
_FORGETS_TO_RELEASE: Final = 0.01
_DISPUTES: Final = 0.005


def _happens(chance: float) -> bool:
    return random.random() < chance


class Party:
    """Tends the trades of one account, each in a task of its own, as the feed tells of them."""

    def __init__(self, client: Client, world: World) -> None:
        self.client = client
        self.world = world
        self._tending: dict[str, asyncio.Task[None]] = {}
        self._stage: dict[str, tuple[str, bool]] = {}
        self._has_disputed: set[str] = set()
        self._feed = Feed(client, on_joined=self._catch_up, on_event=self._hear)
        self._catching_up: asyncio.Task[None] | None = None

    async def tend_trades(self) -> None:
        try:
            await self._feed.follow()
        finally:
            for task in self._tending.values():
                task.cancel()

    def _catch_up(self) -> None:
        self._catching_up = asyncio.create_task(self._look_for_trades())

    async def _look_for_trades(self) -> None:
        """Take up trades that were there before this process was."""
        with contextlib.suppress(Refused):
            for status in _LIVE:
                for trade in (await self.client.get("/trades", market=MARKET, status=status, limit=100))["results"]:
                    self._consider(trade)

    def _hear(self, event: Json) -> None:
        trade = event["data"]
        if event["type"].startswith("trade_") and trade.get("market") == MARKET and "role" in trade:
            if trade["role"] == "buyer":
                self.world.tally[event["type"].removeprefix("trade_")] += 1
            self._consider(trade)

    def _consider(self, trade: Json) -> None:
        """Begin what the trade's state asks for, unless that is under way."""
        key, stage = trade["id"], (trade["status"], trade["cancel_requested_at"] is not None)
        if self._stage.get(key) == stage:
            return
        if task := self._tending.pop(key, None):
            task.cancel()
        self._stage.pop(key, None)
        self.world.disputed.discard(key)
        if trade["status"] in _LIVE:
            if trade["status"] == "disputed":
                self.world.disputed.add(key)
            self._stage[key] = stage
            self._tending[key] = asyncio.create_task(self._tend(trade))

    async def _tend(self, trade: Json) -> None:
        with contextlib.suppress(Refused):  # the other party or the clock was quicker: the feed will tell
            await self._next_step(trade)

    def _next_step(self, trade: Json) -> Coroutine[Any, Any, None]:
        match trade["role"], trade["status"]:
            case "buyer", "awaiting_payment" | "expired" | "paid" if trade["cancel_requested_at"]:
                return self._answer_cancel_request(trade)
            case "buyer", "awaiting_payment" | "expired":
                return self._pay(trade)
            case "seller", "awaiting_payment":
                return self._await_payment(trade)
            case "seller", "paid":
                return self._release(trade)
            case _, "disputed":
                return self._make_peace(trade)
        return asyncio.sleep(0)

    def _is_among_bots(self, trade: Json) -> bool:
        """Whether the other party is a bot, too: with people, bots behave."""
        other = "seller" if trade["role"] == "buyer" else "buyer"
        return trade[other]["display_name"] in self.world.names

    async def _do(self, trade: Json, step: str, **body: str) -> None:
        await self.client.post(f"/trades/{trade['id']}/{step}", **body)

    async def _pay(self, trade: Json) -> None:
        if self._is_among_bots(trade):
            if _happens(_CANCELS):
                await self.world.pause(10, 60)
                await self._do(trade, "cancel")
                return
            if _happens(_PAYS_LATE):
                until = datetime.fromisoformat(trade["deadline"]) - datetime.now(UTC)
                await asyncio.sleep(max(0.0, until.total_seconds()) + 30)
        await self.world.pause(4, 25)
        await self._do(trade, "paid")

    async def _await_payment(self, trade: Json) -> None:
        if self._is_among_bots(trade) and _happens(_WANTS_OUT):
            await self.world.pause(5, 20)
            await self._do(trade, "cancel-request")

    async def _answer_cancel_request(self, trade: Json) -> None:
        await self.world.pause(5, 20)
        if trade["status"] != "paid" and _happens(_AGREES_TO_CANCEL):
            await self._do(trade, "cancel-request/accept")
        else:
            await self._do(trade, "cancel-request/reject")

    async def _release(self, trade: Json) -> None:
        if self._is_among_bots(trade):
            if _happens(_DISPUTES) and not self.world.disputed and trade["id"] not in self._has_disputed:
                self._has_disputed.add(trade["id"])
                await self.world.pause(30, 90)
                await self._do(trade, "dispute", reason="payment_not_received", statement="Nothing has arrived yet.")
                return
            if _happens(_FORGETS_TO_RELEASE):
                await self.world.pause(300, 900)
        await self.world.pause(3, 20)
        await self._do(trade, "release")

    async def _make_peace(self, trade: Json) -> None:
        """Take one's own dispute back after a few minutes, unless staff were quicker."""
        disputes = (await self.client.get("/disputes", limit=50))["results"]
        mine = [d for d in disputes if d["trade"] == trade["id"] and d["opened_by"] == trade["role"]]
        for dispute in mine[:1]:
            await self.world.pause(120, 300)
            await self.client.post(f"/disputes/{dispute['id']}/withdraw")
