"""What users do with their notices and preferences."""

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any, Final
from uuid import UUID

from iqx.core import clock
from iqx.core.errors import Invalid
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from iqx.notices.catalogue import BY_CODE, Channel
from iqx.notices.errors import NoticeLocked
from iqx.notices.models import Delivery, Notice, Preferences
from iqx.notices.selectors import notices_of

KEPT: Final = timedelta(days=180)
LOG_KEPT: Final = timedelta(days=30)

Choices = Mapping[str, Mapping[str, bool]]


@use_case
def mark_read(*, user_id: UUID, ids: Sequence[UUID] | None = None) -> int:
    """Mark these notices of the user as read, or all of them; how many were unread. Others' ids name nothing."""
    notices = notices_of(user_id, unread=True)
    if ids is not None:
        notices = notices.filter(pk__in=ids)
    return notices.update(read_at=clock.now())


@use_case
def change_preferences(
    *,
    user_id: UUID,
    language: str | None = None,
    time_zone: str | None = None,
    quiet_hours: Mapping[str, time] | None = None,
    end_quiet_hours: bool = False,
    notices: Choices | None = None,
) -> Preferences:
    """Change what is given; `notices` is merged into the choices that were made before.

    Locks: the preferences. Raises: Invalid. NoticeLocked: a notice can't be switched off.
    """
    Preferences.objects.get_or_create(pk=user_id)
    mine = lock_one(LockRank.NOTICE, Preferences.objects.filter(pk=user_id))
    assert mine is not None  # noqa: S101 rows of preferences are never deleted
    mine.language = language or mine.language
    mine.time_zone = _known_zone(time_zone) if time_zone else mine.time_zone
    if quiet_hours:
        mine.quiet_from, mine.quiet_until = _quiet(quiet_hours)
    elif end_quiet_hours:
        mine.quiet_from = mine.quiet_until = None
    mine.choices = _merged(mine.choices, notices or {})
    mine.save()
    return mine


def _known_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise Invalid("There is no such time zone.", field="time_zone")
    return name


def _quiet(hours: Mapping[str, time]) -> tuple[time, time]:
    start, end = hours["from"], hours["until"]
    if start == end:
        raise Invalid("Quiet hours begin and end at different times.", field="quiet_hours")
    return start, end


def _merged(before: dict[str, Any], changes: Choices) -> dict[str, Any]:
    after = {code: dict(channels) for code, channels in before.items()}
    for code, channels in changes.items():
        kind = BY_CODE.get(code)
        if kind is None:
            raise Invalid("There is no such kind of notice.", field=f"notices.{code}")
        for channel, on in channels.items():
            if channel not in Channel.values:
                raise Invalid("There is no such channel.", field=f"notices.{code}.{channel}")
            if not on and channel in kind.locked:
                raise NoticeLocked(kind=code, channel=channel)
            after.setdefault(code, {})[channel] = on
    return after


@use_case
def purge() -> int:
    """Delete notices and the log of deliveries when nobody needs them any more; how many rows."""
    now = clock.now()
    closed = Delivery.objects.filter(created_at__lt=now - LOG_KEPT).exclude(state__in=Delivery.OPEN)
    return closed.delete()[0] + Notice.objects.filter(created_at__lt=now - KEPT).delete()[0]
