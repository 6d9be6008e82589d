"""What people send in to prove who they are, and what staff made of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.duties import Owed
from iqx.core.ids import new_id
from iqx.core.models import StoredFile


class KycSubmission(Owed):
    """One request to be verified, with its documents. A person has one that waits at most; it is decided once.

    `legal_name` and `document_number` are sealed. While it waits, staff owe a decision until `due_at`.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        VERIFIED = "verified"
        REJECTED = "rejected"

    class Document(models.TextChoices):
        PASSPORT = "passport"
        ID_CARD = "id_card"
        DRIVING_LICENCE = "driving_licence"
        RESIDENCE_PERMIT = "residence_permit"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="kyc_submissions", db_index=False
    )
    document_type = models.CharField(max_length=16, choices=Document)
    country = models.CharField(max_length=2, help_text="that issued the document: ISO 3166-1, two letters")
    legal_name = models.TextField(help_text="sealed")
    document_number = models.TextField(help_text="sealed")
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    level = models.PositiveSmallIntegerField(null=True, help_text="what it was verified for")
    reason = models.CharField(max_length=500, blank=True, default="", help_text="why it was rejected")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="pending"), name="accounts_kycsubmission_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", due_at__isnull=False, decided_at=None, reviewed_by=None, level=None)
                | Q(
                    Q(status="verified", level__in=[1, 2], level__isnull=False, reason="")
                    | Q(Q(status="rejected", level=None) & ~Q(reason="")),
                    due_at=None,
                    decided_at__isnull=False,
                    reviewed_by__isnull=False,
                ),
                name="accounts_kycsubmission_waits_or_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=models.F("user")),
                name="accounts_kycsubmission_two_persons",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="accounts_kyc_of_user"),
            models.Index(fields=["status", "-id"], name="accounts_kyc_by_status"),
            models.Index(fields=["due_at"], name="accounts_kyc_owed", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.document_type} of {self.user_id} ({self.status})"


class KycDocument(models.Model):
    """A picture or page of a submission."""

    class Kind(models.TextChoices):
        FRONT = "front"
        BACK = "back"
        SELFIE = "selfie"
        PROOF_OF_ADDRESS = "proof_of_address"

    submission = models.ForeignKey(KycSubmission, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "kind"], name="accounts_kycdocument_once"),
        ]

    def __str__(self) -> str:
        return self.kind
