"""What people are told, how they want to be told it, and how far each stream of events has been turned into notices."""

import zoneinfo
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from iqx.core.ids import new_id
from iqx.core.models import Stream

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


class Webhook(models.Model):
    """An address of a user's to which his events are posted, once it has answered a challenge.

    `secret` signs what is posted; it is sealed, and shown once. `failures` in a row slow all deliveries down (they
    wait for `retry_at`), and at last switch the webhook off.
    """

    class Status(models.TextChoices):
        VERIFYING = "verifying"  # the challenge is on its way
        ACTIVE = "active"
        PAUSED = "paused"  # by its owner
        DISABLED = "disabled"  # by the platform: `reason` says why

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=100, blank=True)
    events = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="types; none: all of them")
    secret = models.TextField()
    status = models.CharField(max_length=9, choices=Status, default=Status.VERIFYING)
    reason = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, help_text="after a failure nothing is posted before")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["verifying", "active", "paused", "disabled"]),
                name="notices_webhook_status_known",
            )
        ]

    def __str__(self) -> str:
        return self.url


class PushSubscription(models.Model):
    """A browser or an app that takes push messages for a user: the last one who subscribed there.

    `address` is sealed: whoever knows it can write to that device.
    """

    class Type(models.TextChoices):
        WEB_PUSH = "web_push"
        FCM = "fcm"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    type = models.CharField(max_length=8, choices=Type)
    address = models.TextField()
    digest = models.CharField(max_length=64, unique=True, help_text="of the address, so that it is known again")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(type__in=["web_push", "fcm"]), name="notices_pushsubscription_type_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.user_id}"


class Phone(models.Model):
    """The telephone that a user gets SMS on, once he has sent back a code from there. The number is sealed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_phone"
    )
    number = models.TextField()
    verified_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong codes since the last one was sent")
    codes = models.PositiveSmallIntegerField(default=0, help_text="sent within a day")

    def __str__(self) -> str:
        return f"phone of {self.user_id}"


class Delivery(models.Model):
    """One notice by one channel to one address, or one event to one webhook: the log of what was sent, and the queue.

    Its id follows from event and address, and is what the receiver knows it by. What is open is tried when `due_at` has
    come. Claiming it moves `due_at` ahead by a lease, so whoever dies over it only delays it.
    """

    class Route(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"
        PUSH = "push"
        WEBHOOK = "webhook"

    class State(models.TextChoices):
        PENDING = "pending"  # never tried
        FAILED = "failed"  # tried, and will be again
        SENT = "sent"
        DEAD = "dead"  # given up: `answer` says why

    OPEN = (State.PENDING, State.FAILED)

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seq = models.BigIntegerField(help_text="of the event, in the user's stream")
    event = models.CharField(max_length=40, help_text="its type")
    route = models.CharField(max_length=7, choices=Route)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, null=True, related_name="deliveries")
    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, null=True, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    first_tried_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, help_text="the provider's reference, or what went wrong")
    created_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "seq", "route", "subscription", "webhook"],
                nulls_distinct=False,
                name="notices_delivery_once_per_event",
            ),
            models.CheckConstraint(
                condition=Q(route="webhook", webhook__isnull=False, notice=None, subscription=None)
                | Q(route="push", webhook=None, notice__isnull=False, subscription__isnull=False)
                | Q(route__in=["email", "sms"], webhook=None, notice__isnull=False, subscription=None),
                name="notices_delivery_has_an_address",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["pending", "failed", "dead"], sent_at=None),
                name="notices_delivery_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["route", "due_at"], condition=Q(state__in=["pending", "failed"]), name="notices_delivery_due"
            ),
            models.Index(fields=["webhook", "-seq"], name="notices_delivery_of_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.route}: {self.state}"
