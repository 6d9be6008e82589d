from django.db import models
from django.db.models import F, Q


class PulseKind(models.TextChoices):
    WEB = "web"
    WORKER = "worker"


class Pulse(models.Model):
    """When a process of this kind was last known to work; its lock orders all that is said of outages."""

    kind = models.CharField(max_length=6, choices=PulseKind.choices, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=PulseKind.values), name="core_pulse_kind_known")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class Outage(models.Model):
    """A time in which no process of this kind worked: found by the first beat after it, then made good once.

    Of the kind `closed` is a time in which the platform was in maintenance.
    """

    class Kind(models.TextChoices):
        WEB = "web"
        WORKER = "worker"
        CLOSED = "closed"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    made_good_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["web", "worker", "closed"]), name="core_outage_kind_known"),
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="core_outage_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.started_at} to {self.ended_at}"
