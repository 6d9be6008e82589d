"""What waits to be written to one socket: bounded in number and in size."""

import asyncio
from collections import deque


class TooSlow(Exception):
    """The socket can't keep up: one more frame would exceed its bounds."""


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

    def put(self, frame: str) -> None:
        """Add a frame; the only one may be of any size.

        Raises:
            TooSlow: it does not fit.
        """
        if self._frames and (len(self._frames) >= self._max_frames or self._size + len(frame) > self._max_size):
            raise TooSlow
        self._frames.append(frame)
        self._size += len(frame)
        self._filled.set()
        if self._more_than_half_full():
            self._drained.clear()

    async def get(self) -> str:
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()
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
