"""Disputes about trades that were paid, what was said and done in them, and how they were ruled."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from iqx.core.ids import new_id
from iqx.core.models import StoredFile
from orders.models import usdt_field
from trades.models import Step, Trade


class Dispute(models.Model):
    """A party's claim, or the timer's, that a paid trade can't be ended by its parties alone.

    While it lives, its trade is `disputed`, and the trade's deadline is the dispute's. A dispute that was opened after
    the trade's end (`after_end`) has no escrow to rule about: its outcome is a `finding`, and its deadline staff's. A
    trade has one live dispute at most. Who opened it is a role, since the trade knows the persons. Each live dispute
    has a time by which staff must act (`staff_due_at`), and one for each party whose answer is awaited. A closed
    dispute never changes again.
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
        FORGED_RECEIPT = "forged_receipt"
        NOT_RELEASED = "not_released"
        SELLER_ASKS_MORE = "seller_asks_more"
        PAID_TWICE = "paid_twice"
        PAID_BUT_CANCELLED = "paid_but_cancelled"
        RELEASED_BY_MISTAKE = "released_by_mistake"
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

    class Finding(models.TextChoices):
        """Who was right, where there is no escrow to say it by."""

        BUYER = "buyer"
        SELLER = "seller"
        NEITHER = "neither"

    LIVE = (Status.OPEN, Status.IN_REVIEW)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="disputes")
    opened_by = models.CharField(max_length=6, choices=Opener)
    reason = models.CharField(max_length=24, choices=Reason)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    after_end = models.BooleanField(default=False, help_text="opened when the trade had ended and the escrow was gone")
    buyer_due_at = models.DateTimeField(null=True, help_text="until when the buyer's answer is awaited")
    seller_due_at = models.DateTimeField(null=True, help_text="until when the seller's answer is awaited")
    staff_due_at = models.DateTimeField(null=True, help_text="by when staff have to act")
    warned = ArrayField(
        models.CharField(max_length=6),
        default=list,
        help_text="whose deadline was warned of: buyer, seller, staff",
    )
    warned_of = models.DateTimeField(null=True, help_text="the trade's deadline that staff were warned of")
    resolution = models.CharField(max_length=7, choices=Resolution, null=True)
    buyer_amount = usdt_field(null=True, help_text="of the trade's amount, what the ruling gives to the buyer")
    finding = models.CharField(max_length=7, choices=Finding, null=True, help_text="who was right, after the end")
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
                        "forged_receipt",
                        "not_released",
                        "seller_asks_more",
                        "paid_twice",
                        "paid_but_cancelled",
                        "released_by_mistake",
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
                condition=Q(status__in=["open", "in_review"], closed_at__isnull=True, staff_due_at__isnull=False)
                | Q(
                    status__in=["resolved", "withdrawn"],
                    closed_at__isnull=False,
                    staff_due_at__isnull=True,
                    buyer_due_at__isnull=True,
                    seller_due_at__isnull=True,
                ),
                name="disputes_dispute_lives_or_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(
                    Q(
                        Q(resolution="refund", buyer_amount=0)
                        | Q(resolution__in=["release", "split"], buyer_amount__gt=0),
                        after_end=False,
                        finding__isnull=True,
                        resolution__isnull=False,
                        buyer_amount__isnull=False,
                    )
                    | Q(
                        after_end=True,
                        finding__in=["buyer", "seller", "neither"],
                        finding__isnull=False,
                        resolution__isnull=True,
                        buyer_amount__isnull=True,
                    ),
                    status="resolved",
                    resolved_by__isnull=False,
                )
                | Q(
                    status__in=["open", "in_review", "withdrawn"],
                    resolution__isnull=True,
                    buyer_amount__isnull=True,
                    finding__isnull=True,
                    resolved_by__isnull=True,
                ),
                name="disputes_dispute_resolved_means_ruled",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn", opened_by="system"), name="disputes_dispute_withdrawn_by_party"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="disputes_by_status"),
            models.Index(fields=["staff_due_at"], name="disputes_live", condition=Q(staff_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"dispute about {self.trade_id} ({self.status})"

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def deadline(self) -> datetime | None:
        """By when the dispute is escalated, or is given to somebody else; None once it is closed."""
        return self.staff_due_at if self.after_end or not self.is_live else self.trade.deadline


class DisputeEntry(models.Model):
    """One thing said or done in a dispute; never changed.

    Both parties read it, without its author's name, unless it is `internal`: then it is staff's alone.
    """

    class Action(models.TextChoices):
        OPENED = "opened"
        STATEMENT = "statement"  # by a party
        ASSIGNED = "assigned"
        REASSIGNED = "reassigned"  # by the clock, as the assignee did nothing
        COMMENT = "comment"  # by staff
        NOTE = "note"  # by staff, for staff
        HELPER = "helper"  # staff let somebody read
        WARNED = "warned"  # by the clock: somebody's time is nearly up
        SILENT = "silent"  # by the clock: a party has not answered
        PROPOSED = "proposed"  # a ruling that waits for a second person
        WITHDRAWN = "withdrawn"
        RESOLVED = "resolved"

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="timeline")
    action = models.CharField(max_length=10, choices=Action)
    actor = models.CharField(max_length=6, choices=Step.Actor)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    note = models.TextField(blank=True, default="")
    internal = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "dispute entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    action__in=[
                        "opened",
                        "statement",
                        "assigned",
                        "reassigned",
                        "comment",
                        "note",
                        "helper",
                        "warned",
                        "silent",
                        "proposed",
                        "withdrawn",
                        "resolved",
                    ]
                ),
                name="disputes_disputeentry_action_known",
            ),
            models.CheckConstraint(
                condition=Q(actor="system", author__isnull=True)
                | Q(actor__in=["buyer", "seller", "staff"], author__isnull=False),
                name="disputes_disputeentry_people_have_names",
            ),
            models.CheckConstraint(
                condition=Q(internal=True, action__in=["note", "helper", "proposed"])
                | Q(internal=False) & ~Q(action__in=["note", "helper", "proposed"]),
                name="disputes_disputeentry_notes_stay_inside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"


class DisputeFile(models.Model):
    """A file that a party sent as evidence, with its statement."""

    entry = models.ForeignKey(DisputeEntry, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    copies = models.ManyToManyField(
        StoredFile, related_name="+", help_text="files sent before, about other trades, that look the same"
    )
    seen_before = models.BooleanField(
        default=False, help_text="a buyer's receipt that a buyer sent in another trade: the seller is warned"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.file)


class Ruling(models.Model):
    """What an admin rules. Above a limit it is `proposed`, and `made` only when another admin has confirmed it.

    A proposal is `dropped` when another one takes its place, or the dispute is withdrawn. A ruling that is made, or
    dropped, never changes.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        MADE = "made"
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="rulings")
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    resolution = models.CharField(max_length=7, choices=Dispute.Resolution, null=True)
    buyer_amount = usdt_field(null=True, help_text="of the trade's amount, what goes to the buyer")
    finding = models.CharField(max_length=7, choices=Dispute.Finding, null=True)
    compensation = usdt_field(null=True, help_text="that an adjustment is asked for, for whom the finding favours")
    reason = models.TextField(help_text="both parties read it, once the ruling is made")
    needs_second = models.BooleanField(help_text="whether another admin has to confirm it")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(status__in=["proposed", "made"]), name="disputes_ruling_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="disputes_ruling_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(status="made", needs_second=True, confirmed_by__isnull=False)
                | Q(status="made", needs_second=False, confirmed_by__isnull=True)
                | Q(status="proposed", needs_second=True, confirmed_by__isnull=True)
                | Q(status="dropped", confirmed_by__isnull=True),
                name="disputes_ruling_made_by_enough",
            ),
            models.CheckConstraint(
                condition=Q(
                    resolution__isnull=False,
                    buyer_amount__isnull=False,
                    finding__isnull=True,
                    compensation__isnull=True,
                )
                | Q(resolution__isnull=True, buyer_amount__isnull=True, finding__isnull=False),
                name="disputes_ruling_rules_or_finds",
            ),
            models.CheckConstraint(
                condition=Q(compensation__isnull=True)
                | Q(compensation__gt=0, finding__in=["buyer", "seller"], finding__isnull=False),
                name="disputes_ruling_compensates_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resolution or self.finding} ({self.status})"


class DisputeHelper(models.Model):
    """Somebody whom staff let read one dispute, and do nothing in it: one who speaks the language, for example."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="helpers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "user"], name="disputes_disputehelper_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} reads {self.dispute_id}"
