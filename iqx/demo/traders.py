"""A handful of bots on one market, as clients of the public API alone."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

from iqx.demo.bots import Bot, Maker, Taker
from iqx.demo.client import Client, Server
from iqx.demo.world import MARKET, World

MOST: Final = 12
_NAMES: Final = (
    "Lena", "Jonas", "Sofia", "Mateo", "Chiara", "Pavel", "Amelie", "Nils", "Ines", "Marek", "Elif", "Aino",
)  # fmt: skip
_PASSWORD: Final = "demo-pass-2026"  # noqa: S105 play money
_TIGHTEST: Final = 8
_WIDER: Final = 5


async def trade(url: str, *, traders: int, speed: int, say: Callable[[str], None]) -> None:
    """Trade on `url` until cancelled. Raises Refused, if that platform has no such market or lets no bots in."""
    server = Server(url, say)
    async with server.http:
        say(f"waiting for {url}")
        await server.wait_until_up()
        world = await _look_around(server, speed=speed, say=say)
        bots = list(_bots(server, world, traders))
        say(f"{len(bots)} bots trade on {MARKET}")
        async with asyncio.TaskGroup() as group:
            group.create_task(world.wander())
            group.create_task(world.report())
            for bot in bots:
                group.create_task(bot.live())


async def _look_around(server: Server, *, speed: int, say: Callable[[str], None]) -> World:
    stranger = Client(server, email="", password="", name="")
    rules = await stranger.get(f"/markets/{MARKET}")
    ticker = await stranger.get(f"/markets/{MARKET}/ticker")
    return World(rules, ticker["last"], speed=speed, say=say)


def _bots(server: Server, world: World, count: int) -> Iterator[Bot]:
    """Somewhat more makers than takers."""
    for number, first_name in enumerate(_NAMES[:count]):
        name = f"{first_name} (bot)"
        world.names.add(name)
        client = Client(server, email=f"bot-{number + 1}@iqx.example", password=_PASSWORD, name=name)
        if number % 2:
            yield Taker(client, world)
        else:
            yield Maker(client, world, half_spread=_TIGHTEST + number // 2 * _WIDER)
