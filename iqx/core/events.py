"""The event log: nothing is lost, nothing is out of order.

A use case appends its events in its own transaction, last of all, under the locks of the streams that they go to:
so `seq` is gapless per stream and in commit order. After the commit a bell rings; it only says where to look
(`iqx.core.bell`). What a reader has is always proven by `seq`, never by the bell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from iqx.core import bell, clock, hot
from iqx.core.locking import LockRank, enter
from iqx.core.models import Event, Stream


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be appended; its `seq` comes with the lock of its stream."""

    stream: str
    type: str
    data: dict[str, Any]
    book: list[list[str | int]] | None = None


def market_stream(symbol: str) -> str:
    return f"market:{symbol}"


def user_stream(user_id: UUID) -> str:
    return f"user:{user_id}"


# Each stream's row is locked by moving its head, in the order of the names; a stream begins with its first event.
# `%b` sends arrays in binary, where texts need no escaping.
_APPEND = """
WITH heads AS (
    INSERT INTO core_stream AS s (name, head)
    SELECT * FROM unnest(%(streams)b::text[], %(counts)b::bigint[])
    ON CONFLICT (name) DO UPDATE SET head = s.head + excluded.head
    RETURNING name, head
), counted AS (
    SELECT name, head, count
    FROM heads JOIN unnest(%(streams)b::text[], %(counts)b::bigint[]) AS c(name, count) USING (name)
), written AS (
    INSERT INTO core_event (stream_id, seq, type, data, book, at)
    SELECT e.stream, c.head - c.count + e.number, e.type, e.data::jsonb, e.book::jsonb, %(at)s
    FROM unnest(%(stream)b::text[], %(number)b::bigint[], %(type)b::text[], %(data)b::text[], %(book)b::text[])
         AS e(stream, number, type, data, book)
    JOIN counted c ON c.name = e.stream
)
SELECT name, head FROM heads
"""


def append(new: Iterable[NewEvent]) -> None:
    """Append events in the order given: one statement, however many there are.

    Locks: the streams, by name. They rank last, so nothing may be locked after this.
    """
    events = list(new)
    if not events:
        return
    enter(LockRank.STREAM)
    counts: dict[str, int] = {}
    numbers = []
    for event in events:
        counts[event.stream] = number = counts.get(event.stream, 0) + 1
        numbers.append(number)
    streams = sorted(counts)
    heads = hot.ask(
        _APPEND,
        {
            "streams": streams,
            "counts": [counts[stream] for stream in streams],
            "stream": [event.stream for event in events],
            "number": numbers,
            "type": [event.type for event in events],
            "data": [orjson.dumps(event.data).decode() for event in events],
            "book": [orjson.dumps(event.book).decode() if event.book else None for event in events],
            "at": clock.now(),
        },
    )
    transaction.on_commit(lambda: bell.ring(dict(heads.rows())))


def event_json(*, seq: int, type: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    """The one form of an event, for REST, WebSocket and webhooks alike."""
    return {"seq": seq, "type": type, "at": clock.rfc3339(at), "data": data}


def events_since(stream: str, since: int, limit: int) -> list[Event]:
    """At most `limit` events of `stream` after `since`, in order."""
    return list(Event.objects.filter(stream_id=stream, seq__gt=since).order_by("seq")[:limit])


def head_of(stream: str) -> int:
    """The `seq` of the newest event, 0 if there is none yet."""
    return Stream.objects.filter(pk=stream).values_list("head", flat=True).first() or 0
