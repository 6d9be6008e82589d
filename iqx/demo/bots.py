"""Makers, who quote both sides of the market, and takers, who come now and then and trade at their prices."""

import asyncio
import contextlib
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from iqx.demo.client import Client, Json, Refused
from iqx.demo.party import Party
from iqx.demo.world import MARKET, World

_DEPOSIT: Final = "5000"
_TOO_LITTLE: Final = Decimal(2000)
_LEVELS: Final = 3
_BETWEEN_LEVELS: Final = 9
_DRIFT: Final = 5
_SWITCH_S: Final = 120
_WORST_PRICE: Final = 90
_CHANNELS: Final = frozenset({"in_app", "email", "sms", "push"})
_TERMS: Final = (
    "",
    "Please put the reference into the subject line, and nothing else.",
    "Payments from an account in your own name only.",
    "I am usually online from 8 to 22 h CET and release within minutes.",
)


class Bot(ABC):
    """One account, the trades that it is a party to, and what it does on the market."""

    def __init__(self, client: Client, world: World) -> None:
        self.client = client
        self.world = world
        self._party = Party(client, world)

    async def live(self) -> None:
        await self.client.enter()
        await self._mute()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._party.tend_trades())
            group.create_task(self._trade())

    async def _mute(self) -> None:
        """Nobody reads what a bot is told; mails would only fill the console."""
        catalogue = (await self.client.get("/notification-preferences"))["catalogue"]
        silence = {entry["kind"]: dict.fromkeys(_CHANNELS - set(entry["locked"]), False) for entry in catalogue}
        await self.client.patch("/notification-preferences", notices=silence)

    async def _trade(self) -> None:
        while True:
            try:
                await self._refill()
                await self.act()
            except Refused as refusal:
                if refusal.code == "limit_exceeded":
                    await self.world.pause(1200, 2400)  # enough for today; perhaps it is tomorrow soon
            await self.wait()

    async def _refill(self) -> None:
        wallet = await self.client.get("/wallet")
        if Decimal(wallet["available"]) < _TOO_LITTLE:
            await self.client.post("/wallet/deposits", amount=_DEPOSIT)

    @abstractmethod
    async def act(self) -> None:
        """Do something on the market. May raise Refused."""

    @abstractmethod
    async def wait(self) -> None:
        """Wait as long as is usual before the next act."""


class Maker(Bot):
    """Keeps a ladder of orders on each side, `half_spread` ticks from the middle and further out.

    A dead man's switch takes the ladder down if the bot dies; a bot that starts again adjusts what it finds.
    """

    def __init__(self, client: Client, world: World, *, half_spread: int) -> None:
        super().__init__(client, world)
        self._half_spread = half_spread
        self._methods = world.some_methods()
        self._terms = random.choice(_TERMS)

    async def act(self) -> None:
        await self.client.post("/orders/cancel-after", seconds=_SWITCH_S)
        orders = (await self.client.get("/orders", market=MARKET, status="open", limit=100))["results"]
        missing: list[Json] = []
        for side, sign in (("buy", -1), ("sell", 1)):
            wanted = [
                self.world.price(sign * (self._half_spread + level * _BETWEEN_LEVELS)) for level in range(_LEVELS)
            ]
            there = sorted((o for o in orders if o["side"] == side), key=lambda o: sign * Decimal(o["price"]))
            await self._adjust(there, wanted)
            missing += [self._quote(side, price) for price in wanted[len(there) :]]
        if missing:
            await self.client.post("/orders/batch", orders=missing)

    async def _adjust(self, there: Sequence[Json], wanted: Sequence[Decimal]) -> None:
        """Move the orders that are there to where they should be, best first, and end those that are too many."""
        for order, price in zip(there, wanted, strict=False):
            if abs(Decimal(order["price"]) - price) > self.world.tick * _DRIFT:
                await self._try(self.client.patch, order, price=str(price))
        for order in there[len(wanted) :]:
            await self._try(self.client.post, order, "/cancel")

    async def _try(self, call: Callable[..., Awaitable[Json]], order: Json, step: str = "", **body: str) -> None:
        """Change an order, which may have been filled meanwhile."""
        with contextlib.suppress(Refused):
            await call(f"/orders/{order['id']}{step}", **body)

    def _quote(self, side: str, price: Decimal) -> Json:
        return {
            "market": MARKET,
            "side": side,
            "price": str(price),
            "amount": self.world.amount(80, 900),
            "min_fill": "5",
            "payment_methods": self._methods,
            "post_only": True,
            "terms": self._terms,
        }

    async def wait(self) -> None:
        await self.world.pause(10, 20)


class Taker(Bot):
    """Trades at once at somebody's price, by an order or by an offer of his choice; sometimes quotes for a while."""

    async def act(self) -> None:
        side = random.choice(("buy", "sell"))
        (habit,) = random.choices((self._take_price, self._take_offer, self._quote_for_a_while), (70, 20, 10))
        await habit(side)

    async def _take_price(self, side: str) -> None:
        worst = self.world.price(_WORST_PRICE if side == "buy" else -_WORST_PRICE)
        methods = random.choice(([], self.world.some_methods()))
        await self._place(side, worst, time_in_force="IOC", payment_methods=methods)

    async def _take_offer(self, side: str) -> None:
        amount = self.world.amount(5, 100)
        other = "sell" if side == "buy" else "buy"
        offers = (await self.client.get(f"/markets/{MARKET}/orders", side=other, amount=amount, limit=20))["results"]
        fair = [offer for offer in offers if self._is_fair(Decimal(offer["price"]))]
        if fair:
            offer = random.choice(fair)
            method = random.choice(offer["payment_methods"] or self.world.methods)
            await self.client.post(
                f"/orders/{offer['id']}/take", amount=amount, version=offer["version"], payment_method=method
            )

    def _is_fair(self, price: Decimal) -> bool:
        return self.world.price(-_WORST_PRICE) <= price <= self.world.price(_WORST_PRICE)

    async def _quote_for_a_while(self, side: str) -> None:
        near = random.randint(1, 6)
        until = datetime.now(UTC) + timedelta(seconds=random.randint(60, 240))
        price = self.world.price(-near if side == "buy" else near)
        await self._place(side, price, time_in_force="GTD", expires_at=until.isoformat())

    async def _place(self, side: str, price: Decimal, **terms: str | list[str]) -> None:
        amount = self.world.amount(5, 120)
        await self.client.post("/orders", market=MARKET, side=side, price=str(price), amount=amount, **terms)

    async def wait(self) -> None:
        await self.world.pause(10, 60)
