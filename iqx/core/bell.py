"""The bell: tells the feeds, after a commit, which streams have news. At-most-once, and that is enough.

`ring` costs the calling thread a few microseconds: it leaves the news with an event loop, which joins what is pending
and sends it over the channel layer in one message. A lost ring loses nothing: the feeds also poll, and what a reader
has is proven by `seq` alone.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from channels.layers import InMemoryChannelLayer, get_channel_layer

logger = logging.getLogger(__name__)

GROUP: Final = "bell"
_SEND_PATIENCE_S: Final = 5


class _Bell:
    """What is pending, and the loop that sends it: the server's own, else one in a daemon thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heads: dict[str, int] = {}
        self._ended: set[str] = set()
        self._sending = False
        self._server: asyncio.AbstractEventLoop | None = None
        self._own: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._outage = False

    def attach(self, loop: asyncio.AbstractEventLoop | None) -> None:
        with self._lock:
            self._server = loop
            self._sending = False  # a loop that was stopped meanwhile sends no more

    def leave(self, heads: dict[str, int], ended: Iterable[str]) -> None:
        """Add news to what is pending, and have it sent unless that is under way."""
        with self._lock:
            loop = self._server or self._own_loop()
            if loop is None:
                return
            for stream, head in heads.items():
                self._heads[stream] = max(head, self._heads.get(stream, 0))
            self._ended.update(ended)
            if self._sending:
                return
            loop.call_soon_threadsafe(self._start)
            self._sending = True

    def _own_loop(self) -> asyncio.AbstractEventLoop | None:
        """A loop for a process without a server; none where nobody could hear the bell."""
        if self._own is None and not isinstance(get_channel_layer(), InMemoryChannelLayer):
            self._own = asyncio.new_event_loop()
            threading.Thread(target=self._own.run_forever, name="bell", daemon=True).start()
        return self._own

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        while message := self._take():
            try:
                async with asyncio.timeout(_SEND_PATIENCE_S):
                    await get_channel_layer().group_send(GROUP, message)
            except Exception as error:
                self._note_outage(error)
            else:
                self._note_recovery()

    def _take(self) -> dict[str, Any] | None:
        with self._lock:
            if not self._heads and not self._ended:
                self._sending = False
                return None
            message = {"type": "bell.rung", "heads": self._heads, "ended": sorted(self._ended)}
            self._heads, self._ended = {}, set()
            return message

    def _note_outage(self, error: Exception) -> None:
        if not self._outage:
            logger.warning("The channel layer does not answer; feeds poll until it does: %r", error)
        self._outage = True

    def _note_recovery(self) -> None:
        if self._outage:
            logger.warning("The channel layer answers again")
        self._outage = False


_bell = _Bell()


def _start_afresh() -> None:
    """In a forked child: the parent's loop and thread are not ours."""
    global _bell  # noqa: PLW0603
    _bell = _Bell()


os.register_at_fork(after_in_child=_start_afresh)


def attach(loop: asyncio.AbstractEventLoop | None) -> None:
    """Send from the server's own loop (None: no longer); an in-memory layer knows no other."""
    _bell.attach(loop)


def ring(heads: dict[str, int]) -> None:
    """Say, after the commit, how far these streams have come. From any thread; never raises."""
    _leave(heads, ())


def ring_ended(session_ids: Iterable[UUID]) -> None:
    """Say, after the commit, that these sessions have ended: their sockets close. Never raises."""
    _leave({}, [str(session_id) for session_id in session_ids])


def _leave(heads: dict[str, int], ended: Iterable[str]) -> None:
    try:
        _bell.leave(heads, ended)
    except Exception:
        logger.exception("The bell is broken; feeds poll")
