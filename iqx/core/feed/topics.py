"""Streams that sockets of this process follow, and who follows them.

Everything here runs in one event loop and never waits, so that each function is one step for everybody else.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

from iqx.core.feed import wire
from iqx.core.feed.book import Book, BookLevel, OutOfStep
from iqx.core.feed.reads import Row

logger = logging.getLogger(__name__)


class CloseCode(IntEnum):
    """Why the server closed a socket."""

    AUTH = 4001
    TOO_SLOW = 4008
    TOO_MANY_REQUESTS = 4009
    RESTARTING = 4010


class Reader(Protocol):
    """Where frames go; one that can't keep up ends by itself, and ignores what still comes."""

    def put(self, *frames: str) -> None: ...
    def close(self, code: CloseCode) -> None: ...
    async def drained(self) -> None: ...


class Subscription:
    """One socket's place in one channel: it has had everything up to `position`, once and in order."""

    __slots__ = ("catching_up", "channel", "position", "reader")

    def __init__(self, channel: "Channel", reader: Reader, position: int) -> None:
        self.channel = channel
        self.reader = reader
        self.position = position
        self.catching_up: asyncio.Task[None] | None = None

    @property
    def head(self) -> int:
        """How far the stream has come, as far as this process knows."""
        return max(self.position, self.channel.topic.position)

    def deliver(self, first: int, frames: Sequence[str]) -> None:
        """Hand on the frames of `first` and the seqs after it, from the next one on: two sources may overlap."""
        had = self.position + 1 - first
        if 0 <= had < len(frames):
            self.position = first + len(frames) - 1
            self.reader.put(*frames[had:])


class Channel:
    """One form in which a stream's events are sent: each event is encoded once for all who get it."""

    def __init__(self, topic: "Topic", name: str, market: str | None) -> None:
        self.topic = topic
        self.start = wire.prefix(name, market)
        self.subscriptions: set[Subscription] = set()
        self.live: set[Subscription] = set()

    def pass_on(self, rows: Sequence[Row]) -> None:
        if self.live:
            self._deliver(rows[0].seq, [wire.event(self.start, row) for row in rows])

    def _deliver(self, first: int, frames: Sequence[str]) -> None:
        for subscription in self.live:
            subscription.deliver(first, frames)

    def leave(self, subscription: Subscription) -> None:
        self.subscriptions.discard(subscription)
        self.live.discard(subscription)


class BookChannel(Channel):
    """A market's book: a snapshot, then the levels that each event changes, under the event's own `seq`."""

    def __init__(self, topic: "Topic", name: str, market: str) -> None:
        super().__init__(topic, name, market)
        self.symbol = market
        self.loading = asyncio.Lock()
        self.book: Book | None = None
        """There, at the topic's position or ahead of it, whenever somebody is live."""

    def pass_on(self, rows: Sequence[Row]) -> None:
        if self.book is None:
            return
        news = [row for row in rows if row.seq > self.book.seq]
        try:
            frames = [wire.delta(self.start, row.seq, advance(self.book, row)) for row in news]
        except OutOfStep:
            logger.exception("The book of %s is out of step: its readers start again", self.symbol)
            self._give_up()
        else:
            if news:
                self._deliver(news[0].seq, frames)

    def show(self, subscription: Subscription) -> None:
        """Send the book as it is, and from there on what changes."""
        if self.book is None:  # given up just now
            subscription.reader.close(CloseCode.RESTARTING)
            return
        subscription.position = self.book.seq
        subscription.reader.put(wire.snapshot(self.start, self.book))
        self.live.add(subscription)

    def leave(self, subscription: Subscription) -> None:
        super().leave(subscription)
        if not self.subscriptions:
            self.book = None

    def _give_up(self) -> None:
        self.book = None
        for subscription in self.live:
            subscription.reader.close(CloseCode.RESTARTING)
        self.live.clear()


def advance(book: Book, row: Row) -> dict[str, list[BookLevel]]:
    """Apply an event to a book; returns the levels that it touched. Raises OutOfStep."""
    return book.apply(row.seq, json.loads(row.book or "[]"))


class Topic:
    """A stream with followers here. Its live subscriptions have had everything up to `position`."""

    def __init__(self, stream: str, position: int) -> None:
        self.stream = stream
        self.position = position
        self.channels: dict[str, Channel] = {}

    def channel(self, name: str, market: str | None) -> Channel:
        if name not in self.channels:
            if name == wire.BOOK and market:
                self.channels[name] = BookChannel(self, name, market)
            else:
                self.channels[name] = Channel(self, name, market)
        return self.channels[name]

    @property
    def deserted(self) -> bool:
        return not any(channel.subscriptions for channel in self.channels.values())

    def pass_on(self, rows: Sequence[Row]) -> None:
        """Give the next events, which follow each other, to everybody."""
        self.position = rows[-1].seq
        for channel in self.channels.values():
            channel.pass_on(rows)
