"""The feed as an ASGI application, for the scopes `websocket` and `lifespan`.

Not a Channels consumer: that would have a channel-layer subscription of its own, and a thread hop for every message.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from iqx.core.feed.connection import Connection
from iqx.core.feed.hub import Hub
from iqx.core.feed.ports import Limits, Ports

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATH = "/ws/v1"


class Feed:
    """All sockets of this process. Its hub starts with the first of them and ends with the server."""

    def __init__(self, ports: Ports, limits: Limits | None = None) -> None:
        self._ports = ports
        self._limits = limits or Limits()
        self._hub: Hub | None = None
        self._stopped = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] != PATH or self._stopped:
            await send({"type": "websocket.close"})
        else:
            await Connection(scope, receive, send, self._running_hub()).run()

    def _running_hub(self) -> Hub:
        if self._hub is None:
            self._hub = Hub(self._ports, self._limits)
            self._hub.start()
        return self._hub

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        self._stopped = True
        if self._hub:
            await self._hub.stop()
        await send({"type": "lifespan.shutdown.complete"})
