from django.db import models
from django.db.models import F, Q


class Maintenance(models.Model):
    """A time in which people may look and change nothing; while it lasts, `ended_at` is empty.

    There is one at a time. Its end writes an `Outage` of the same length, by which deadlines are moved.
    """

    reason = models.CharField(max_length=200, help_text="what people are told")
    started_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="when it should be over, as far as is known")
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=100, help_text="who began it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ended_at"], nulls_distinct=False, name="core_maintenance_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gt=F("started_at")), name="core_maintenance_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="core_maintenance_has_reason"),
        ]

    def __str__(self) -> str:
        return f"from {self.started_at}: {self.reason}"
