"""What the feed's tests put in place of the applications. All of it is in the database, so processes agree."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from iqx.core.errors import NotAllowed
from iqx.core.events import NewEvent, append
from iqx.core.feed.ports import Ports, Principal
from iqx.core.models import Stream
from iqx.core.money import plain
from iqx.core.transactions import unit_of_work


@dataclass(frozen=True)
class Person:
    user_id: UUID
    session_id: UUID

    @property
    def token(self) -> str:
        return f"{self.user_id}.{self.session_id}"


def authenticate(token: str) -> Person:
    try:
        return Person(*map(UUID, token.split(".")))
    except (ValueError, TypeError):
        raise NotAllowed from None


def end_session(session_id: UUID) -> None:
    """End it, without telling anybody."""
    Stream.objects.create(name=f"ended:{session_id}")


def live_sessions(people: Collection[Principal]) -> set[UUID]:
    ended = set(Stream.objects.filter(name__startswith="ended:").values_list("name", flat=True))
    return {person.session_id for person in people if f"ended:{person.session_id}" not in ended}


_BOOK = """
SELECT head.seq, change.side, change.price, change.amount, change.orders
FROM (SELECT coalesce(max(seq), 0) AS seq FROM core_event WHERE stream_id = %(stream)s) AS head
LEFT JOIN (
    SELECT c->>0 AS side, (c->>1)::numeric AS price, sum((c->>2)::numeric) AS amount, sum((c->>3)::int) AS orders
    FROM core_event, json_array_elements(book) AS c
    WHERE stream_id = %(stream)s
    GROUP BY 1, 2
    HAVING sum((c->>3)::int) > 0
) AS change ON true
"""


def book_snapshot(symbol: str) -> dict[str, Any]:
    """The book, as the sum of all that the events say about it."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"stream": f"market:{symbol}"})
        rows = cursor.fetchall()
    levels = {
        side: sorted(
            ((price, amount, orders) for _, s, price, amount, orders in rows if s == side), reverse=best_is_high
        )
        for side, best_is_high in (("buy", True), ("sell", False))
    }
    shown = {side: [[plain(p), f"{a:.6f}", o] for p, a, o in of_side] for side, of_side in levels.items()}
    return {"symbol": symbol, "seq": rows[0][0], "bids": shown["buy"], "asks": shown["sell"]}


def fake_ports() -> Ports:
    return Ports(
        authenticate=authenticate,
        recognise=lambda _headers: None,
        live_sessions=live_sessions,
        market_exists=lambda symbol: symbol.startswith("USDT-"),
        book_snapshot=book_snapshot,
    )


def append_events(stream: str, data: Iterable[dict[str, Any]], *, type: str = "order_created") -> None:
    """One transaction, as a use case makes it. A `book` in the data is the event's."""
    with unit_of_work():
        append([NewEvent(stream, type, one, one.get("book")) for one in data])
