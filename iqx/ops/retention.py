"""How long things are kept. What is over its time is deleted, a batch at a time, by the worker.

What other modules keep they tidy up by themselves (idempotency records, quotas, notices, codes and sessions); this is
what grows for ever otherwise. 0 days keeps for ever. The events of a stream leave from its beginning
(`iqx.core.events`), the chat of a trade years after its end (`iqx.ops.chats`). Disputes and tickets are never deleted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection

from accounts.models import SecurityAlert
from iqx.core import clock
from iqx.core.events import forget_before
from iqx.ops.chats import forget_chats

_BATCH: Final = 5000
_EVENTS: Final = 2000
_CHATS: Final = 500


def tidy_up() -> dict[str, int]:
    """Delete what is over its time; how many rows of each kind."""
    return {name: delete() for name, delete in _KINDS.items()}


def forget_old() -> int:
    """One batch of what a busy exchange makes millions of: little at a time, since others wait, and often."""
    return _events() + _chats()


def _before(name: str) -> datetime | None:
    days = settings.RETAIN_DAYS[name]
    return clock.now() - timedelta(days=days) if days else None


def _execute(name: str, sql: str) -> int:
    before = _before(name)
    if before is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, {"before": before, "batch": _BATCH})
        return int(cursor.rowcount)


def _jobs() -> int:
    """Jobs that failed; those that succeeded are deleted at once."""
    return _execute(
        "jobs",
        """
        DELETE FROM procrastinate_jobs WHERE id IN (
            SELECT j.id FROM procrastinate_jobs j
            WHERE j.status IN ('failed', 'cancelled', 'aborted')
              AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) < %(before)s
            LIMIT %(batch)s)
        """,
    )


def _alerts() -> int:
    before = _before("alerts")
    if before is None:
        return 0
    return SecurityAlert.objects.filter(created_at__lt=before).delete()[0]


def _events() -> int:
    before = _before("events")
    return 0 if before is None else forget_before(before, _EVENTS)


def _chats() -> int:
    before = _before("chats")
    return 0 if before is None else forget_chats(before, _CHATS)


def _browser_sessions() -> int:
    return BrowserSession.objects.filter(expire_date__lt=clock.now()).delete()[0]


_KINDS: Final[dict[str, Callable[[], int]]] = {
    "jobs": _jobs,
    "security alerts": _alerts,
    "browser sessions": _browser_sessions,
    "events": _events,
    "chat messages": _chats,
}
