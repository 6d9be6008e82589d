"""The private feed, followed for ever: no event is missed, however often the server restarts."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from iqx.demo.client import Client, Refused

Message = dict[str, Any]

_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 15.0
_SESSION_ENDED: Final = 4001


class Feed:
    """The `user` channel of one client; resumes after the last event that it had."""

    def __init__(self, client: Client, *, on_joined: Callable[[], None], on_event: Callable[[Message], None]) -> None:
        self._client = client
        self._on_joined = on_joined
        self._on_event = on_event
        self._since: int | None = None

    async def follow(self) -> None:
        pause_s = _PAUSE_S
        while True:
            access, since = self._client.access, self._since
            with contextlib.suppress(OSError, TimeoutError, WebSocketException, Refused):
                try:
                    await self._read(access)
                except ConnectionClosed as closed:
                    if closed.rcvd and closed.rcvd.code == _SESSION_ENDED:
                        await self._client.renew(access)
            pause_s = _PAUSE_S if self._since != since else min(pause_s * 2, _LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def _read(self, access: str) -> None:
        """Pass events on until the connection ends, which it does by an exception."""
        protocols = [Subprotocol("iqx.v1"), Subprotocol(f"bearer.{access}")]
        async with connect(self._client.server.socket_url, subprotocols=protocols, proxy=None) as socket:
            await self._subscribe(socket)
            while True:
                self._take(json.loads(await socket.recv()))

    async def _subscribe(self, socket: ClientConnection) -> None:
        resume = {} if self._since is None else {"since": self._since}
        await socket.send(json.dumps({"op": "subscribe", "id": "user", "channel": "user", **resume}))

    def _take(self, message: Message) -> None:
        if message.get("op") == "subscribed":
            self._since = message["seq"] if self._since is None else self._since
            self._on_joined()
        elif "op" not in message:
            self._since = message["seq"]
            self._on_event(message)
