from django.db import models
from django.db.models import Q

from iqx.core.ids import new_id


class StoredFile(models.Model):
    """A private file: what was uploaded, after it was examined and cleaned. Written once, never changed.

    The bytes are in the storage `private` under `blob`, encrypted. `sha256` is of the bytes that were sent, before an
    image was written anew; `dhash` and `detail` tell what an image looks like. They serve to recognise
    what was sent before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField(help_text="the user who sent it")
    purpose = models.CharField(max_length=40, help_text="what it was sent for, such as trade_message")
    blob = models.CharField(max_length=80, unique=True, help_text="name in the private storage")
    name = models.CharField(max_length=100, help_text="as its sender called it, cleaned")
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="bytes, as they are kept")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    dhash = models.CharField(max_length=64, blank=True, help_text="16 x 16 bits in hex; empty for documents")
    detail = models.TextField(blank=True, help_text="the same as 64 x 128 bits")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    content_type="application/pdf", dhash="", detail="", width__isnull=True, height__isnull=True
                )
                | Q(
                    content_type__in=["image/jpeg", "image/png", "image/webp"],
                    dhash__regex=r"^[0-9a-f]{64}$",
                    detail__regex=r"^[0-9a-f]+$",
                    width__gt=0,
                    height__gt=0,
                    width__isnull=False,
                    height__isnull=False,
                ),
                name="core_storedfile_kind_known",
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="core_storedfile_sha256"),
            models.CheckConstraint(condition=Q(size__gt=0), name="core_storedfile_not_empty"),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="core_storedfile_by_sha256"),
            models.Index(fields=["purpose", "created_at"], name="core_storedfile_by_purpose"),
            models.Index(fields=["owner_id", "-id"], name="core_storedfile_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.purpose})"
