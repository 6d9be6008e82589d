"""What operators look at."""

from django.db import models


class Reading(models.Model):
    """The newest measurement of its kind, made by one worker for everybody: what it found, and what it cost."""

    name = models.CharField(max_length=40, primary_key=True)
    data = models.JSONField()
    at = models.DateTimeField()
    claimed_at = models.DateTimeField(help_text="when a worker last began it")
    seconds = models.FloatField(help_text="that the measurement took")

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
