"""What was changed on staff's pages, by whom and why, for those pages to show."""

from collections.abc import Sequence

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from accounts.models import User

_SHOWN = 20


def note_change(actor: User, subject: Model, differences: Sequence[tuple[str, str, str]], reason: str) -> None:
    changes = "; ".join(f"{name}: {before} → {now}" for name, before, now in differences)
    LogEntry.objects.create(
        user_id=actor.pk,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=str(subject.pk),
        object_repr=str(subject)[:200],
        action_flag=CHANGE,
        change_message=f"{changes} ({reason})" if changes else reason,
    )


def changes_of(subject: Model) -> "QuerySet[LogEntry]":
    """The newest first."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(subject), object_id=str(subject.pk)
    )
    return entries.select_related("user").order_by("-action_time")[:_SHOWN]
