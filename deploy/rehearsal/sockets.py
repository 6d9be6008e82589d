"""Clients of the feed: each follows one stream, connects again when it is cut off, and resumes after what it has."""

import asyncio
import json
import ssl
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from deploy.rehearsal.people import MARKET, Person

NOT_CONNECTED: Final = "not connected"
_PAUSE_S: Final = 0.25


@dataclass(slots=True)
class Watcher:
    """One socket after the other, for one stream. `seen` has every seq in the order in which it came."""

    url: str
    tls: ssl.SSLContext
    person: Person | None
    endings: Counter[str]
    stream: str = field(init=False)
    seen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stream = f"user:{self.person.user_id}" if self.person else f"market:{MARKET}"

    @property
    def last(self) -> int:
        return self.seen[-1] if self.seen else 0

    async def run(self) -> None:
        token = [f"bearer.{self.person.token}"] if self.person else []
        offers = [Subprotocol(offer) for offer in ("iqx.v1", *token)]
        while True:
            try:
                async with connect(self.url, ssl=self.tls, subprotocols=offers, proxy=None) as socket:
                    await self._follow(socket)
            except ConnectionClosed as closed:
                self.endings[str(closed.rcvd.code if closed.rcvd else 1006)] += 1
            except (OSError, WebSocketException):
                self.endings[NOT_CONNECTED] += 1
            await asyncio.sleep(_PAUSE_S)

    async def _follow(self, socket: ClientConnection) -> None:
        address = {"channel": "user"} if self.person else {"channel": "market_updates", "market": MARKET}
        await socket.send(json.dumps({"op": "subscribe", "since": self.last, **address}))
        async for text in socket:
            message = json.loads(text)
            if "seq" in message and "op" not in message:
                self.seen.append(message["seq"])
        raise ConnectionClosed(socket.protocol.close_rcvd, socket.protocol.close_sent)
