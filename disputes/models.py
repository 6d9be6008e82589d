"""Disputes about paid trades, and what was said and done in them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from iqx.core.ids import new_id
from orders.models import usdt_field
from trades.models import Step, Trade


class Dispute(models.Model):
    """A party's claim, or the timer's, that a paid trade can't be ended by its parties alone.

    While it lives, its trade is `disputed`, and the trade's deadline is the dispute's. A trade has one live dispute at
    most. Who opened it is a role, since the trade knows the persons. A closed dispute never changes again.
    """

    class Opener(models.TextChoices):
        BUYER = "buyer"
        SELLER = "seller"
        SYSTEM = "system"  # the timer

    class Reason(models.TextChoices):
        PAYMENT_NOT_RECEIVED = "payment_not_received"
        PAYMENT_WRONG_AMOUNT = "payment_wrong_amount"
        THIRD_PARTY_PAYMENT = "third_party_payment"
        PAYMENT_REVERSED = "payment_reversed"
        NOT_RELEASED = "not_released"
        OTHER = "other"

    class Status(models.TextChoices):
        OPEN = "open"
        IN_REVIEW = "in_review"
        RESOLVED = "resolved"
        WITHDRAWN = "withdrawn"

    class Resolution(models.TextChoices):
        RELEASE = "release"
        REFUND = "refund"
        SPLIT = "split"

    LIVE = (Status.OPEN, Status.IN_REVIEW)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="disputes")
    opened_by = models.CharField(max_length=6, choices=Opener)
    reason = models.CharField(max_length=24, choices=Reason)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    resolution = models.CharField(max_length=7, choices=Resolution, null=True)
    buyer_amount = usdt_field(null=True, help_text="of the trade's amount, what the ruling gives to the buyer")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trade"], condition=Q(status__in=["open", "in_review"]), name="disputes_dispute_one_live"
            ),
            models.CheckConstraint(
                condition=Q(opened_by__in=["buyer", "seller"]) | Q(opened_by="system", reason="not_released"),
                name="disputes_dispute_opener_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "payment_not_received",
                        "payment_wrong_amount",
                        "third_party_payment",
                        "payment_reversed",
                        "not_released",
                        "other",
                    ]
                ),
                name="disputes_dispute_reason_known",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="open", assignee__isnull=True)
                    | Q(status="in_review", assignee__isnull=False)
                    | Q(status__in=["resolved", "withdrawn"])
                ),
                name="disputes_dispute_review_has_assignee",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "in_review"], closed_at__isnull=True)
                | Q(status__in=["resolved", "withdrawn"], closed_at__isnull=False),
                name="disputes_dispute_lives_or_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(
                    Q(resolution="refund", buyer_amount=0) | Q(resolution__in=["release", "split"], buyer_amount__gt=0),
                    status="resolved",
                    resolution__isnull=False,
                    buyer_amount__isnull=False,
                    resolved_by__isnull=False,
                )
                | Q(
                    status__in=["open", "in_review", "withdrawn"],
                    resolution__isnull=True,
                    buyer_amount__isnull=True,
                    resolved_by__isnull=True,
                ),
                name="disputes_dispute_resolved_means_ruled",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn", opened_by="system"), name="disputes_dispute_withdrawn_by_party"
            ),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="disputes_by_status")]

    def __str__(self) -> str:
        return f"dispute about {self.trade_id} ({self.status})"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE


class DisputeEntry(models.Model):
    """One thing said or done in a dispute. Both parties read it, without its author's name; never changed."""

    class Action(models.TextChoices):
        OPENED = "opened"
        STATEMENT = "statement"  # by a party
        ASSIGNED = "assigned"
        COMMENT = "comment"  # by staff
        WITHDRAWN = "withdrawn"
        RESOLVED = "resolved"

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="timeline")
    action = models.CharField(max_length=9, choices=Action)
    actor = models.CharField(max_length=6, choices=Step.Actor)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "dispute entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["opened", "statement", "assigned", "comment", "withdrawn", "resolved"]),
                name="disputes_disputeentry_action_known",
            ),
            models.CheckConstraint(
                condition=Q(actor="system", author__isnull=True)
                | Q(actor__in=["buyer", "seller", "staff"], author__isnull=False),
                name="disputes_disputeentry_people_have_names",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"
