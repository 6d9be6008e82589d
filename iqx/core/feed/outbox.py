"""What waits to be written to one socket: bounded in number and in size."""

import asyncio
from collections import deque
from collections.abc import Sequence


class TooSlow(Exception):
    """The socket can't keep up: what comes would exceed its bounds."""


class Outbox:
    """A queue with one reader. Frames are shared between sockets, so a waiting live event costs a pointer."""

    def __init__(self, *, max_frames: int, max_size: int) -> None:
        self._max_frames = max_frames
        self._max_size = max_size
        self._frames: deque[str] = deque()
        self._size = 0
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    @property
    def empty(self) -> bool:
        return not self._frames

    def put(self, frames: Sequence[str]) -> None:
        """Add frames; into an empty outbox, as many and as large as they are.

        Raises:
            TooSlow: they do not fit.
        """
        size = sum(map(len, frames))
        if self._frames and (len(self._frames) + len(frames) > self._max_frames or self._size + size > self._max_size):
            raise TooSlow
        self._frames.extend(frames)
        self._size += size
        self._filled.set()
        if self._more_than_half_full():
            self._drained.clear()

    async def filled(self) -> None:
        """Wait until there is something to take."""
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()

    def take(self) -> str:
        """Take the oldest frame; until then it counts as waiting."""
        frame = self._frames.popleft()
        self._size -= len(frame)
        if not self._more_than_half_full():
            self._drained.set()
        return frame

    async def drained(self) -> None:
        """Wait until at most half of the bounds is used: for those who could write without end."""
        await self._drained.wait()

    def clear(self) -> None:
        self._frames.clear()
        self._size = 0
        self._drained.set()

    def _more_than_half_full(self) -> bool:
        return len(self._frames) * 2 > self._max_frames or self._size * 2 > self._max_size
