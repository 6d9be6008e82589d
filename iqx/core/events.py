"""The event log: nothing is lost, nothing is out of order.

A use case appends its events in its own transaction, last of all, under the locks of the streams that they go to:
so `seq` is gapless per stream and in commit order. After the commit a bell rings; it only says where to look
(`iqx.core.bell`). What a reader has is always proven by `seq`, never by the bell.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from iqx.core import bell, clock
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


# The events travel as one JSON text: an array of texts would have each of them escaped by itself.
_INSERT = """
WITH heads AS (
    UPDATE core_stream s SET head = h.head
    FROM unnest(%(names)s::text[], %(heads)s::bigint[]) AS h(name, head)
    WHERE s.name = h.name
)
INSERT INTO core_event (stream_id, seq, type, data, book, at)
SELECT stream, seq, type, data, book, %(at)s
FROM jsonb_to_recordset(%(events)s::jsonb) AS e(stream text, seq bigint, type text, data jsonb, book jsonb)
"""


def append(new: Iterable[NewEvent]) -> None:
    """Append events in the order given: two statements, however many there are.

    Locks: the streams, by name. They rank last, so nothing may be locked after this.
    """
    events = list(new)
    if not events:
        return
    heads = _lock_heads(sorted({event.stream for event in events}))
    rows = []
    for event in events:
        heads[event.stream] += 1
        row = {"stream": event.stream, "seq": heads[event.stream], "type": event.type, "data": event.data}
        rows.append(row | {"book": event.book} if event.book else row)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {"names": list(heads), "heads": list(heads.values()), "events": json.dumps(rows), "at": clock.now()},
        )
    transaction.on_commit(lambda: bell.ring(heads))


def _lock_heads(names: list[str]) -> dict[str, int]:
    """Lock the streams by name and return their heads, making those that are not there yet."""
    enter(LockRank.STREAM)
    select = "SELECT name, head FROM core_stream WHERE name = ANY(%s) ORDER BY name FOR NO KEY UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(select, [names])
        heads = dict(cursor.fetchall())
        if len(heads) < len(names):
            cursor.execute(
                "INSERT INTO core_stream (name, head) SELECT unnest(%s::text[]), 0 ORDER BY 1 ON CONFLICT DO NOTHING",
                [names],
            )
            cursor.execute(select, [names])
            heads = dict(cursor.fetchall())
    return heads


def event_json(*, seq: int, type: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    """The one form of an event, for REST, WebSocket and webhooks alike."""
    return {"seq": seq, "type": type, "at": clock.rfc3339(at), "data": data}


def events_since(stream: str, since: int, limit: int) -> list[Event]:
    """At most `limit` events of `stream` after `since`, in order."""
    return list(Event.objects.filter(stream_id=stream, seq__gt=since).order_by("seq")[:limit])


def head_of(stream: str) -> int:
    """The `seq` of the newest event, 0 if there is none yet."""
    return Stream.objects.filter(pk=stream).values_list("head", flat=True).first() or 0
