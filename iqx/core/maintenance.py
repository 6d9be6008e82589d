"""Maintenance: people may look and change nothing, and no clock runs against them.

The door is shut in front of all requests (`iqx.core.api.middleware`), by what each process last saw of it: at most
`FRESH_S` ago. Staff and operators go on, and so do log-in and whatever else protects an account. Deadlines are not
enforced meanwhile (`iqx.runtime.sweeper`); the end writes an outage, by which they are moved.
"""

import time
from datetime import datetime
from typing import Final

from django.db import DatabaseError

from iqx.core import audit, clock
from iqx.core.errors import Conflict, UnderMaintenance
from iqx.core.locking import LockRank, lock
from iqx.core.models import Maintenance, Outage, Pulse
from iqx.core.transactions import use_case

FRESH_S: Final = 1.0


class MaintenanceUnderWay(Conflict):
    code = "maintenance_under_way"
    detail = "The platform is in maintenance already."


class NoMaintenance(Conflict):
    code = "no_maintenance"
    detail = "The platform is not in maintenance."


@use_case
def begin(*, reason: str, by: str, until: datetime | None = None) -> Maintenance:
    """Let people only look, from now on.

    Locks: the pulses. Raises: MaintenanceUnderWay.
    """
    lock(LockRank.PULSE, Pulse.objects.all())
    if under_way():
        raise MaintenanceUnderWay
    begun = Maintenance.objects.create(reason=reason, by=by, until=until, started_at=clock.now())
    audit.record("maintenance_begun", actor=None, subject=begun, after={"by": by}, reason=reason)
    return begun


@use_case
def end() -> Maintenance:
    """Let people in again; the time that it took is owed to every clock that stood still.

    Locks: the pulses. Raises: NoMaintenance.
    """
    lock(LockRank.PULSE, Pulse.objects.all())
    current = under_way()
    if current is None:
        raise NoMaintenance
    current.ended_at = clock.now()
    current.save(update_fields=["ended_at"])
    Outage.objects.create(kind=Outage.Kind.CLOSED, started_at=current.started_at, ended_at=current.ended_at)
    audit.record("maintenance_ended", actor=None, subject=current)
    return current


def under_way() -> Maintenance | None:
    """The maintenance that goes on now, as the database has it."""
    return Maintenance.objects.filter(ended_at=None).first()


class _Door:
    """What this process last saw. A database that is away changes nothing: requests will find out by themselves."""

    def __init__(self) -> None:
        self._seen: Maintenance | None = None
        self._looks_again_at = 0.0

    def shut_by(self) -> Maintenance | None:
        now = time.monotonic()
        if now >= self._looks_again_at:
            self._looks_again_at = now + FRESH_S  # before the query, so that of many threads one asks
            try:
                self._seen = under_way()
            except DatabaseError:
                return self._seen
        return self._seen

    def forget(self) -> None:
        """Look at the next request."""
        self._looks_again_at = 0.0

    def stay_as_it_is(self) -> None:
        """Look no more, until it is told to forget."""
        self._looks_again_at = float("inf")


door: Final = _Door()


def refusal(maintenance: Maintenance) -> UnderMaintenance:
    """What somebody is told who wants to change something meanwhile."""
    until = maintenance.until
    error = UnderMaintenance(
        reason=maintenance.reason,
        since=clock.rfc3339(maintenance.started_at),
        until=clock.rfc3339_or_none(until),
    )
    left_s = int((until - clock.now()).total_seconds()) if until else 0
    error.retry_after_s = min(max(left_s, 30), 3600)
    return error
