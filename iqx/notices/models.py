"""What people are told, how they want to be told it, and how far each stream of events has been turned into notices."""

import zoneinfo
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from iqx.core.models import Stream
from iqx.notices.catalogue import Channel

LANGUAGES: Final = [code for code, _ in settings.LANGUAGES]


class Position(models.Model):
    """How far a user's stream has been turned into notices: all events up to `seq` are dealt with, none beyond.

    It moves in the transaction that writes what those events became, so none is lost and none is told twice.
    """

    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, primary_key=True, related_name="+")
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seq__gte=0), name="notices_position_not_negative")]

    def __str__(self) -> str:
        return f"{self.stream_id}@{self.seq}"


class Preferences(models.Model):
    """How a user wants to be told things; one without a row has the defaults.

    `choices` holds only what differs from the catalogue: `{kind: {channel: on}}`. Quiet hours are local times of
    `time_zone`; from 22:00 until 07:00 spans midnight.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_preferences"
    )
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    choices = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="notices_preferences_language_known"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="notices_preferences_quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class Notice(models.Model):
    """One event of a user's stream, told to him: at most one per event, whatever the channels.

    Its id follows from the event, so that telling it again is seen to be a repeat. The text is made when it is read,
    in the reader's language, from `kind` and `facts`. One that is not `in_app` only goes out by other channels.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False)
    seq = models.BigIntegerField(help_text="of the event, in the user's stream")
    kind = models.CharField(max_length=40)
    facts = models.JSONField()
    in_app = models.BooleanField()
    created_at = models.DateTimeField(db_index=True, help_text="when the event happened")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "seq"], name="notices_notice_once_per_event")]
        indexes = [
            models.Index(fields=["user", "-seq"], condition=Q(in_app=True, read_at=None), name="notices_unread_of_user")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"


__all__ = ["Channel", "Notice", "Position", "Preferences"]
