"""From the event log to the sockets' subscriptions.

The events of the followed streams are read from the table whenever something says that there are new ones; what says
so (a bell, a poll) is never trusted with more than that. A subscription that starts in the past reads the table by
itself until it has come as far as its topic, and is live from there on: no gap and no duplicate, whatever commits
meanwhile, because each step between two waits is a step for everybody.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Final

from iqx.core import metrics
from iqx.core.events import bounds_of
from iqx.core.feed import wire
from iqx.core.feed.book import Book
from iqx.core.feed.ports import Ports
from iqx.core.feed.reads import PAGE, Row, Threads, heads_of, rows_after
from iqx.core.feed.topics import BookChannel, CloseCode, Reader, Subscription, Topic, advance

logger = logging.getLogger(__name__)

_BURST: Final = 1 << 16
"""Characters of data that go to a socket in one step."""


class Streams:
    """The streams that somebody follows here. Belongs to one event loop."""

    def __init__(self, ports: Ports, threads: Threads) -> None:
        self._ports = ports
        self._threads = threads
        self._live_threads = Threads("feed-live", 1)
        self._topics: dict[str, Topic] = {}
        self._wanted: dict[str, int] = {}
        self._wake = asyncio.Event()

    # What is new

    def notice(self, heads: Mapping[str, int]) -> None:
        """Have the streams read that are followed and have not come as far here."""
        for stream, head in heads.items():
            topic = self._topics.get(stream)
            if topic and head > max(topic.position, self._wanted.get(stream, 0)):
                self._wanted[stream] = head
                self._wake.set()

    async def poll(self) -> None:
        """Look for news of all followed streams, in one query."""
        if self._topics:
            self.notice(await self._live_threads.run_patiently(heads_of, list(self._topics)))

    async def read(self) -> None:
        """Wait for news, and pass the next events on."""
        await self._wake.wait()
        self._wake.clear()
        wanted, self._wanted = self._wanted, {}
        positions = {
            stream: topic.position
            for stream, head in wanted.items()
            if (topic := self._topics.get(stream)) and topic.position < head
        }
        if not positions:
            return
        rows = await self._live_threads.run_patiently(rows_after, positions)
        await self._pass_on(rows)
        full_pages = [stream for stream, count in Counter(row.stream for row in rows).items() if count == PAGE]
        self.notice({stream: positions[stream] + PAGE + 1 for stream in full_pages})

    async def _pass_on(self, rows: list[Row]) -> None:
        for burst in _bursts(rows):
            topic = self._topics.get(burst[0].stream)
            if topic and burst[0].seq == topic.position + 1:
                topic.pass_on(burst)
                for row in burst:
                    metrics.note_delivery(row.at)
                await asyncio.sleep(0)  # sockets write meanwhile

    # Who follows

    async def join(
        self, reader: Reader, stream: str, channel: str, market: str | None, since: int | None
    ) -> Subscription:
        """Take a place in a stream. It gets nothing before `begin`.

        Raises:
            Refused: `since` is ahead of the stream, or so far behind that what follows it is kept no more.
        """
        floor, head = await self._threads.run(bounds_of, stream)
        if since is not None and since > head:
            raise wire.Refused("invalid_since")
        if since is not None and since < floor and channel != wire.BOOK:
            raise wire.Refused("events_gone")
        topic = self._topics.setdefault(stream, Topic(stream, head))
        position = max(head, topic.position) if since is None else since
        subscription = Subscription(topic.channel(channel, market), reader, position)
        subscription.channel.subscriptions.add(subscription)
        self.notice({stream: topic.position + 1})  # a bell may have rung before anybody followed
        if isinstance(subscription.channel, BookChannel):
            await self._have_book(subscription, subscription.channel)
        return subscription

    def begin(self, subscription: Subscription) -> None:
        """Let a subscription have what it is owed, and then whatever comes."""
        channel = subscription.channel
        if isinstance(channel, BookChannel):
            channel.show(subscription)
        elif subscription.position >= channel.topic.position:
            channel.live.add(subscription)
        else:
            subscription.catching_up = asyncio.create_task(self._catch_up(subscription))

    def leave(self, subscription: Subscription) -> None:
        topic = subscription.channel.topic
        subscription.channel.leave(subscription)
        if subscription.catching_up:
            subscription.catching_up.cancel()
        if topic.deserted:
            self._topics.pop(topic.stream, None)

    def close(self) -> None:
        self._live_threads.close()

    async def _catch_up(self, subscription: Subscription) -> None:
        """Send what the table has, no faster than the socket takes it, up to where the topic is by then."""
        channel = subscription.channel
        try:
            while subscription.position < channel.topic.position:
                positions = {channel.topic.stream: subscription.position}
                rows = await self._threads.run_patiently(rows_after, positions)
                if not rows or rows[0].seq != subscription.position + 1:  # deleted meanwhile: resuming will say so
                    subscription.reader.close(CloseCode.RESTARTING)
                    return
                for burst in _bursts(rows):
                    await subscription.reader.drained()
                    subscription.deliver(burst[0].seq, [wire.event(channel.start, row) for row in burst])
        except Exception:
            logger.exception("A subscription to %s failed at %s", channel.topic.stream, subscription.position)
            subscription.reader.close(CloseCode.RESTARTING)
        else:
            channel.live.add(subscription)

    async def _have_book(self, subscription: Subscription, channel: BookChannel) -> None:
        """Load the channel's book, unless it is there or somebody else is at it."""
        try:
            async with channel.loading:
                if channel.book is None:
                    channel.book = await self._read_book(channel)
        except BaseException:
            self.leave(subscription)
            raise
        subscription.position = channel.book.seq

    async def _read_book(self, channel: BookChannel) -> Book:
        """The book at the topic's position or ahead of it."""
        book = Book(await self._threads.run(self._ports.book_snapshot, channel.symbol))
        while book.seq < channel.topic.position:
            for row in await self._threads.run(rows_after, {channel.topic.stream: book.seq}):
                advance(book, row)
        return book


def _bursts(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows of each stream in turn, cut where they become too much for one step."""
    for _, of_stream in groupby(rows, attrgetter("stream")):
        burst: list[Row] = []
        size = 0
        for row in of_stream:
            if burst and size + len(row.data) > _BURST:
                yield burst
                burst, size = [], 0
            burst.append(row)
            size += len(row.data)
        yield burst
