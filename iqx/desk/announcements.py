"""What everybody is told: said and ended by staff, read by everybody."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.staff import require_staff
from iqx.core import audit, clock
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.errors import Invalid, NotFound
from iqx.core.transactions import use_case
from iqx.desk.models import Announcement


@use_case
def announce(
    *, actor: User, text: str, severity: str, starts_at: datetime, lasts: timedelta | None, reason: str = ""
) -> Announcement:
    """Tell everybody something from `starts_at` on, for some time or until it is ended. Raises: NotAllowed, Invalid."""
    require_staff(actor)
    if not text.strip():
        raise Invalid("Say something.", field="text")
    if severity not in Announcement.Severity.values:
        raise Invalid("It is info or warning.", field="severity")
    announcement = Announcement.objects.create(
        text=text.strip(),
        severity=severity,
        starts_at=starts_at,
        ends_at=starts_at + lasts if lasts else None,
        made_by=actor,
        created_at=clock.now(),
    )
    said = audit.values_of(announcement, "text", "severity", "starts_at", "ends_at")
    audit.record("announced", actor=actor, subject=announcement, after=said, reason=reason)
    return announcement


@use_case
def end_announcement(*, announcement_id: UUID, actor: User, reason: str = "") -> Announcement:
    """Tell it no more; one that has not begun is never told. Raises: NotAllowed, NotFound."""
    require_staff(actor)
    row = Announcement.objects.select_for_update(no_key=True).filter(pk=announcement_id).first()
    if row is None:
        raise NotFound
    now = clock.now()
    if row.ends_at is None or row.ends_at > now:
        row.ends_at, row.ended_by = max(now, row.starts_at), actor
        row.save(update_fields=["ends_at", "ended_by"])
    after = audit.values_of(row, "ends_at")
    audit.record("announcement_ended", actor=actor, subject=row, after=after, reason=reason)
    return row


def current() -> QuerySet[Announcement]:
    """What is told now, warnings first."""
    now = clock.now()
    rows = Announcement.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)
    return rows.order_by("-severity", "-starts_at")


def announcement_json(announcement: Announcement) -> dict[str, Any]:
    return {
        "id": str(announcement.id),
        "text": announcement.text,
        "severity": announcement.severity,
        "starts_at": rfc3339(announcement.starts_at),
        "ends_at": rfc3339_or_none(announcement.ends_at),
    }


def in_templates(_request: object) -> dict[str, Any]:
    """For every template: `announcements`, which is asked for only where it is shown."""
    return {"announcements": lambda: list(current())}
