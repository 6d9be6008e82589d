from django.db import models
from django.db.models import Q


class IdempotencyRecord(models.Model):
    """What a POST with an Idempotency-Key did, written in the transaction in which it did it.

    So there is a record exactly if there was an effect. `status` and `body` are the response; a request that takes
    two transactions has `refs` from the first one on, from which its response can be rebuilt if it was never saved.
    """

    user_id = models.UUIDField()
    key = models.CharField(max_length=255)
    endpoint = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the method, the address and the body")
    refs = models.JSONField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "key"], name="core_idempotencyrecord_key_once"),
            models.CheckConstraint(
                condition=Q(status__isnull=False) | Q(refs__isnull=False),
                name="core_idempotencyrecord_answerable",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="core_idempotency_created")]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.key}"
