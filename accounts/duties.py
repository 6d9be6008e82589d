"""What staff owe, and how they are called when its time is up, or when something can't wait for it.

Whoever keeps something that waits for staff registers it (`AppConfig.ready`): rows that are `Owed`, with those who may
decide on them. Staff are called by an event of their own streams, from which notices go out by their preferences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Role, User
from iqx.core import clock, events, rounds
from iqx.core.clock import rfc3339
from iqx.core.events import NewEvent, user_stream
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case

TOGETHER: Final = timedelta(minutes=10)
"""What becomes overdue within so long is told by one call, so that a bad day is no flood of notices."""

_AT_A_TIME: Final = 200
_NAMED: Final = 20
_EVERYBODY: Final = (Role.SUPPORT, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of thing that waits for staff: what it is called, all its rows, and who may decide on it."""

    code: str
    rows: QuerySet[Any]  # of an `Owed` model
    rank: LockRank
    roles: tuple[Role, ...] = _EVERYBODY


_duties: Final[dict[str, Duty]] = {}


def register(duty: Duty) -> None:
    """Have staff called when a row of this kind is overdue."""
    _duties[duty.code] = duty


def duties() -> list[Duty]:
    """All kinds of things that wait for staff."""
    return list(_duties.values())


def due_in(code: str) -> datetime:
    """Until when staff owe what begins to wait now."""
    return clock.now() + timedelta(seconds=settings.STAFF_CLOCKS[code])


def call_to_overdue() -> int:
    """Tell staff what is overdue, once a day for as long as it is; for how many kinds there was something."""
    return rounds.each(list(_duties.values()), _call)


@use_case
def _call(duty: Duty) -> bool:
    """Locks: what is overdue, streams of staff. Emits: staff_called."""
    now = clock.now()
    owed = duty.rows.filter(due_at__isnull=False)
    if owed.filter(called_at__gt=now - TOGETHER).exists():
        return False
    again = now - timedelta(seconds=settings.STAFF_CLOCKS["again"])
    wanted = owed.filter(Q(called_at=None) | Q(called_at__lte=again), due_at__lte=now)
    ids = list(wanted.order_by("due_at").values_list("pk", flat=True)[:_AT_A_TIME])
    rows = lock(duty.rank, wanted.filter(pk__in=ids), skip_locked=True)
    calls = [] if not rows else calls_to_staff(duty.code, "overdue", [row.pk for row in rows], duty.roles)
    if not calls:
        return False
    duty.rows.filter(pk__in=[row.pk for row in rows]).update(called_at=now)
    events.append(calls)
    return True


def calls_to_staff(
    duty: str, reason: str, subjects: Sequence[UUID], roles: Sequence[Role] = _EVERYBODY, *, because: str = ""
) -> list[NewEvent]:
    """The events that call all staff of these roles, for a use case to append: one query."""
    data = {
        "duty": duty,
        "reason": reason,
        "because": because,
        "count": len(subjects),
        "subjects": [str(subject) for subject in subjects[:_NAMED]],
        "at": rfc3339(clock.now()),
    }
    staff = User.objects.filter(role__in=roles, is_active=True).only("id", "role", "is_active", "two_factor")
    return [NewEvent(user_stream(person.pk), "staff_called", data) for person in staff if person.is_staff]
