from django.db import models
from django.db.models import F, Q


class AuditBatch(models.Model):
    """A link of the audit trail's chain: the records that were sealed together.

    `hash` is taken over the hash before it and every record's id and digest; `mac` over `hash`, with a key that the
    database doesn't have. Written once, in order, never changed: triggers see to it.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    records = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    mac = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "audit batches"
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=0, records__gt=0), name="core_auditbatch_has_records"),
            models.CheckConstraint(condition=~Q(hash=F("previous_hash")), name="core_auditbatch_hash_moves_on"),
        ]

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class AuditHead(models.Model):
    """Where the chain ends: one row, which only ever moves on to the next batch. Its lock orders the sealing."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="core_audithead_is_one")]

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class AuditRecord(models.Model):
    """One act of staff, or one look of theirs at what is private: who, what, before and after, why, from where.

    Written in the transaction of the act. It names people by their ids alone, and holds no reference to them: what
    was done stays written when a person is erased. `digest` is of everything here but `id` and `batch`. The only
    change that the database permits is that a record without a batch gets the newest one.
    """

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, help_text="empty: the operator, at the server's own command line")
    actor_role = models.CharField(max_length=12, blank=True)
    action = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    user_id = models.UUIDField(null=True, help_text="whom it is about")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    entrance = models.CharField(max_length=200, blank=True, help_text="the request or command that did it")
    digest = models.CharField(max_length=64)
    batch = models.ForeignKey(AuditBatch, on_delete=models.PROTECT, null=True, related_name="members")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(action="") & ~Q(subject_kind=""), name="core_auditrecord_says_what"),
        ]
        indexes = [
            models.Index(fields=["id"], name="core_audit_unsealed", condition=Q(batch=None)),
            models.Index(fields=["actor_id", "-id"], name="core_audit_by_actor"),
            models.Index(fields=["user_id", "-id"], name="core_audit_about_user"),
            models.Index(fields=["subject_id", "-id"], name="core_audit_of_subject"),
            models.Index(fields=["action", "-id"], name="core_audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.action} {self.subject_kind} {self.subject_id}"
