"""The hub: what one process does for all of its sockets."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol
from uuid import UUID

from channels.layers import get_channel_layer

from iqx.core import bell, metrics
from iqx.core.feed import wire
from iqx.core.feed.ports import Limits, Ports, Principal
from iqx.core.feed.reads import DATABASE_AWAY, Threads
from iqx.core.feed.streams import Streams
from iqx.core.feed.topics import CloseCode, Reader

logger = logging.getLogger(__name__)

_REJOIN_S: Final = 3600
"""The in-memory layer forgets the members of a group after a day."""


class _OncePerMinute(logging.Filter):
    """The Redis layer logs a traceback every second while Redis is away."""

    _next = 0.0

    def filter(self, _record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


logging.getLogger("channels_redis.pubsub").addFilter(_OncePerMinute())


class Socket(Reader, Protocol):
    """A connection, as the hub sees it."""

    principal: Principal | None

    def heads(self) -> dict[str, int]: ...


class Hub:
    """Hears the bell, polls, beats, and ends sockets whose session has ended. Belongs to one event loop."""

    def __init__(self, ports: Ports, limits: Limits) -> None:
        self.ports = ports
        self.limits = limits
        self.threads = Threads("feed", 3)
        self.streams = Streams(ports, self.threads)
        self._sockets: set[Socket] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._deaf = False

    def start(self) -> None:
        """Start, in the running loop, from which the process's bell is rung from now on."""
        bell.attach(asyncio.get_running_loop())
        steps = (self._hear, self.streams.read, self._poll, self._beat)
        self._tasks = [asyncio.create_task(self._for_ever(step)) for step in steps]

    async def stop(self) -> None:
        """Close every socket with 4010, and end when all have been told."""
        for socket in self._sockets:
            socket.close(CloseCode.RESTARTING)
        while self._sockets:
            await asyncio.sleep(0.01)
        bell.attach(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.streams.close()
        self.threads.close()

    def enter(self, socket: Socket) -> None:
        self._sockets.add(socket)
        metrics.sockets.set(len(self._sockets))

    def exit(self, socket: Socket) -> None:
        self._sockets.discard(socket)
        metrics.sockets.set(len(self._sockets))

    async def _for_ever(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step; a fault in one must not silence the feed."""
        while True:
            try:
                await step()
            except Exception:
                logger.exception("The feed stumbled")
                await asyncio.sleep(self.limits.poll_s)

    async def _poll(self) -> None:
        await asyncio.sleep(self.limits.poll_s)
        await self.streams.poll()

    async def _hear(self) -> None:
        """Listen to the bell; while the channel layer is away, try to join it again at every poll."""
        layer = get_channel_layer()
        try:
            await self._listen(layer)
        except Exception as error:
            if not self._deaf:
                logger.warning("The feed can't hear the bell and polls: %r", error)
            self._deaf = True
            await layer.flush()
            await asyncio.sleep(self.limits.poll_s)

    async def _listen(self, layer: Any) -> None:  # noqa: ANN401 Channels has no types
        channel = await layer.new_channel()
        await layer.group_add(bell.GROUP, channel)
        self._deaf = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REJOIN_S):
                while True:
                    self._heard(await layer.receive(channel))
        await layer.group_discard(bell.GROUP, channel)

    def _heard(self, message: dict[str, Any]) -> None:
        self.streams.notice(message["heads"])
        ended = {UUID(session_id) for session_id in message["ended"]}
        if ended:
            self._end(ended)

    def _end(self, sessions: set[UUID]) -> None:
        for socket in self._sockets:
            if socket.principal and socket.principal.session_id in sessions:
                socket.close(CloseCode.AUTH)

    async def _beat(self) -> None:
        """Tell every socket the heads of its streams; end those whose session has ended unheard."""
        await asyncio.sleep(self.limits.heartbeat_s)
        for socket in self._sockets:
            socket.put(wire.heartbeat(socket.heads()))
        principals = {socket.principal.session_id: socket.principal for socket in self._sockets if socket.principal}
        if principals:
            try:
                live = await self.threads.run(self.ports.live_sessions, principals.values())
                self._end(principals.keys() - live)
            except DATABASE_AWAY as error:
                logger.warning("Sessions could not be checked: %s", error)
