from django.db import models


class QuotaCounter(models.Model):
    """How much of a quota somebody has used in the window that began with their first request.

    The table is UNLOGGED: a crash of the database forgives what was used. It serves where there is no Redis.
    """

    key = models.CharField(max_length=120, primary_key=True)
    used = models.IntegerField()
    resets_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}: {self.used}"
