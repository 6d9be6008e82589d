"""The event log: nothing is lost, nothing is out of order.

A use case appends its events in its own transaction, last of all, under the locks of the streams that they go to:
so `seq` is gapless per stream and in commit order. After the commit a bell rings; it only says where to look
(`iqx.core.bell`). What a reader has is always proven by `seq`, never by the bell.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import connection, transaction

from iqx.core import bell, clock, hot
from iqx.core.errors import DomainError
from iqx.core.locking import LockRank, enter, lock
from iqx.core.models import Event, Stream
from iqx.core.transactions import use_case

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be appended; its `seq` comes with the lock of its stream.

    If `data` is a function, it is called when all else was written: the server is at that meanwhile.
    """

    stream: str
    type: str
    data: dict[str, Any] | Callable[[], dict[str, Any]]
    book: list[list[str | int]] | None = None


def once(make: Callable[[], T]) -> Callable[[], T]:
    """What `make` returns, made when it is first asked for: for what several events say alike."""
    made: list[T] = []

    def get() -> T:
        if not made:
            made.append(make())
        return made[0]

    return get


class EventsGone(DomainError):
    """Carries `floor`, the least `since` that can be resumed from."""

    status = 410
    code = "events_gone"
    detail = "These events are kept no more. Read the objects anew, and follow from now on."


def market_stream(symbol: str) -> str:
    return f"market:{symbol}"


@lru_cache(4096)
def user_stream(user_id: UUID) -> str:
    return f"user:{user_id}"


# Each stream's row is locked by moving its head, in the order of the names; a stream begins with its first event.
# `%b` sends arrays in binary, where texts need no escaping. Of the events, a column is one text, a line an event, which
# is made far quicker than an array; `behind` is how many events of this append follow in the same stream.
_APPEND = """
WITH heads AS (
    INSERT INTO core_stream AS s (name, head)
    SELECT * FROM unnest(%(streams)b::text[], %(counts)b::bigint[])
    ON CONFLICT (name) DO UPDATE SET head = s.head + excluded.head
    RETURNING name, head
), written AS (
    INSERT INTO core_event (stream_id, seq, type, data, book, at)
    SELECT e.stream, heads.head - e.behind::bigint, e.type, e.data::json, e.book::json, %(at)s
    FROM ROWS FROM (
        string_to_table(%(stream)s, E'\n'), string_to_table(%(behind)s, E'\n'), string_to_table(%(type)s, E'\n'),
        string_to_table(%(data)s, E'\n'), string_to_table(%(book)s, E'\n', '')
    ) AS e(stream, behind, type, data, book)
    JOIN heads ON heads.name = e.stream
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
    left = Counter(event.stream for event in events)
    streams = sorted(left)
    counts = [left[stream] for stream in streams]
    behind = []
    for event in events:
        left[event.stream] -= 1
        behind.append(str(left[event.stream]))
    data = [orjson.dumps(event.data() if callable(event.data) else event.data) for event in events]
    books = [orjson.dumps(event.book) if event.book else b"" for event in events]
    heads = hot.ask(
        _APPEND,
        {
            "streams": streams,
            "counts": counts,
            "stream": "\n".join([event.stream for event in events]),
            "behind": "\n".join(behind),
            "type": "\n".join([event.type for event in events]),
            "data": b"\n".join(data).decode(),
            "book": b"\n".join(books).decode(),
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


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream is: its `head`, and the `version` of the row that says so, which a restored database has anew.

    What was read at a place is good for as long as the stream is there.
    """

    head: int
    version: str


_PLACE = "SELECT head, xmin::text FROM core_stream WHERE name = %s"


def place_of(stream: str) -> Place | None:
    """None if it has no events yet."""
    found = hot.rows(_PLACE, [stream])
    return Place(*found[0]) if found else None


def head_of(stream: str) -> int:
    """The `seq` of the newest event, 0 if there is none yet."""
    place = place_of(stream)
    return place.head if place else 0


def bounds_of(stream: str) -> tuple[int, int]:
    """What can be resumed from: the floor, up to which nothing is kept, and the head."""
    return Stream.objects.filter(pk=stream).values_list("floor", "head").first() or (0, 0)


# A stream's events are written in the order of their ids, but for those of one commit, which are equally old.
_OLD = """
SELECT stream_id, max(seq) FROM (SELECT stream_id, seq, at FROM core_event ORDER BY id LIMIT %(limit)s) AS oldest
WHERE at < %(before)s GROUP BY stream_id
"""
_RAISE = """
UPDATE core_stream s SET floor = f.floor FROM unnest(%(streams)s::text[], %(floors)s::bigint[]) AS f(stream, floor)
WHERE s.name = f.stream AND s.floor < f.floor
"""
_FORGET = """
DELETE FROM core_event e USING unnest(%(streams)s::text[], %(floors)s::bigint[]) AS f(stream, floor)
WHERE e.stream_id = f.stream AND e.seq <= f.floor
"""


def forget_before(before: datetime, limit: int) -> int:
    """Delete the oldest events, about `limit` of them, as far as they are older than that; how many it were.

    First the floors rise, in a transaction that is soon over, since whoever appends waits for the same rows; then the
    events go.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OLD, {"before": before, "limit": limit})
        floors = _raise_floors(dict(cursor.fetchall()))
        cursor.execute(_FORGET, {"streams": list(floors), "floors": list(floors.values())})
        return int(cursor.rowcount)


@use_case
def _raise_floors(wanted: Mapping[str, int]) -> dict[str, int]:
    """State up to where streams are kept no more; of those that nobody appends to just now. Locks: these streams."""
    rows = lock(LockRank.STREAM, Stream.objects.filter(pk__in=list(wanted)), skip_locked=True)
    floors = {row.pk: wanted[row.pk] for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, {"streams": list(floors), "floors": list(floors.values())})
    return floors


def forget_stream(stream: str) -> None:
    """Delete all that a stream has, inside a use case. Locks: the stream, last of all."""
    for row in lock(LockRank.STREAM, Stream.objects.filter(pk=stream)):
        row.floor = row.head
        row.save(update_fields=["floor"])
        Event.objects.filter(stream=row).delete()
