"""Reads."""

from uuid import UUID

from django.db.models import QuerySet

from iqx.notices.models import Notice, Preferences


def preferences_of(user_id: UUID) -> Preferences:
    """The user's own, or the defaults."""
    return Preferences.objects.filter(pk=user_id).first() or Preferences(user_id=user_id)


def notices_of(user_id: UUID, *, unread: bool | None = None) -> QuerySet[Notice]:
    """What the user finds in the app; the newest has the highest `seq`."""
    notices = Notice.objects.filter(user_id=user_id, in_app=True)
    return notices if unread is None else notices.filter(read_at__isnull=unread)


def unread_count(user_id: UUID) -> int:
    return notices_of(user_id, unread=True).count()
