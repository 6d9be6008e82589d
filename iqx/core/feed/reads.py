"""The feed's reads of the event log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError, connection

from iqx.core.models import Stream

P = ParamSpec("P")
R = TypeVar("R")

PAGE: Final = 200
DATABASE_AWAY: Final = (OperationalError, InterfaceError)
_PATIENCE_S: Final = 1

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the table has it; `data` and `book` are JSON texts, never parsed on the way to a socket."""

    stream: str
    seq: int
    type: str
    at: datetime
    data: str
    book: str | None


_AFTER = """
SELECT event.stream_id, event.seq, event.type, event.at, event.data::text, event.book::text
FROM unnest(%s::text[], %s::bigint[]) AS reader(stream, position)
CROSS JOIN LATERAL (
    SELECT * FROM core_event
    WHERE stream_id = reader.stream AND seq > reader.position
    ORDER BY seq LIMIT %s
) AS event
ORDER BY event.stream_id, event.seq
"""


def rows_after(positions: Mapping[str, int]) -> list[Row]:
    """The next events of each stream after its position: at most `PAGE` per stream, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_AFTER, [list(positions), list(positions.values()), PAGE])
        return [Row(*columns) for columns in cursor.fetchall()]


def heads_of(streams: list[str]) -> dict[str, int]:
    """How far each stream has come, in one query; streams without an event are missing."""
    return dict(Stream.objects.filter(pk__in=streams).values_list("name", "head"))


class Threads:
    """A few threads for reads, so that neither REST load nor other reads can hold these up."""

    def __init__(self, name: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read; once more if its connection had died since it was used last."""
        call: Callable[P, Awaitable[R]] = database_sync_to_async(read, thread_sensitive=False, executor=self._pool)
        try:
            return await call(*args, **kwargs)
        except DATABASE_AWAY:
            return await call(*args, **kwargs)

    async def run_patiently(self, read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read, however long the database is away."""
        while True:
            try:
                return await self.run(read, *args, **kwargs)
            except DATABASE_AWAY as error:
                logger.warning("The feed waits for the database: %s", error)
                await asyncio.sleep(_PATIENCE_S)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
