from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.duties import Owed
from iqx.core.ids import new_id


class Approval(Owed):
    """Something that one of staff asks for and that only another one, an admin, can let happen.

    While it is `pending` staff owe a decision until `due_at`, and it can be had until `expires_at`; then nothing
    happens, and it may be asked for again. The two are different people and neither is whom it is about, here and in
    the database. What was asked for never changes, nor does what was decided: a trigger sees to that.
    """

    class Kind(models.TextChoices):
        ROLE_CHANGE = "role_change"
        TWO_FACTOR_RESET = "two_factor_reset"
        WITHDRAWAL = "withdrawal"
        ADJUSTMENT = "adjustment"

    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REFUSED = "refused"
        EXPIRED = "expired"
        DROPPED = "dropped"  # what it was asked for is there no more

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    subject_id = models.UUIDField(help_text="what it is about: the person, the withdrawal, or the adjustment")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals", help_text="whom it is about"
    )
    payload = models.JSONField(default=dict, help_text="what exactly will happen")
    reason = models.CharField(max_length=500)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    note = models.CharField(max_length=500, blank=True, default="", help_text="of who decided")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], condition=Q(status="pending"), name="accounts_approval_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="accounts_approval_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(requested_by=F("user")) & (Q(decided_by=None) | ~Q(decided_by=F("user"))),
                name="accounts_approval_by_others",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", due_at__isnull=False, decided_by=None, decided_at=None, note="")
                | Q(status__in=["approved", "refused"], due_at=None)
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                | Q(status__in=["expired", "dropped"], due_at=None, decided_by=None, decided_at__isnull=False),
                name="accounts_approval_waits_or_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(decided_at__lt=F("expires_at")),
                name="accounts_approval_in_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_approval_has_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=["role_change", "two_factor_reset", "withdrawal", "adjustment"]),
                name="accounts_approval_kind_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-id"], name="accounts_approvals_by_status"),
            models.Index(fields=["subject_id"], name="accounts_approvals_of_subject"),
            models.Index(fields=["due_at"], name="accounts_approvals_owed", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_id} ({self.status})"
