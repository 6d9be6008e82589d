"""What is known of a trader, and whom he trusts.

These rows stand below everything that trades, so that orders and matching may read them; what they say is found out
above, by `trades.reputation`.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.duties import Owed
from iqx.core import clock
from iqx.core.ids import new_id


class TraderRecord(models.Model):
    """How a person has traded: the public reputation, as `trades.reputation` counts it.

    The worker rolls it up some seconds after a trade ends; whoever has no row never ended a trade. Times and
    `trades_30d` are those of the last 30 days.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    completed_trades = models.PositiveIntegerField(default=0, help_text="that ended in a sale")
    failed_trades = models.PositiveIntegerField(default=0, help_text="that ended without a sale, by his fault")
    completion_rate = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    trades_30d = models.PositiveIntegerField(default=0, help_text="completed in the last 30 days")
    partners = models.PositiveIntegerField(default=0, help_text="different people in completed trades")
    pay_seconds = models.PositiveIntegerField(null=True, help_text="on average, as a buyer")
    release_seconds = models.PositiveIntegerField(null=True, help_text="on average, as a seller")
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, help_text="average of 1 to 5")
    ratings = models.PositiveIntegerField(default=0)
    first_trade_at = models.DateTimeField(null=True)
    pardoned_at = models.DateTimeField(null=True, help_text="failures before this count for no pause")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(completion_rate=None) | Q(completion_rate__gte=0, completion_rate__lte=1),
                name="accounts_traderrecord_rate_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(ratings=0, rating=None) | Q(ratings__gt=0, rating__gte=1, rating__lte=5),
                name="accounts_traderrecord_rating_of_ratings",
            ),
        ]

    def __str__(self) -> str:
        return f"record of {self.user_id}"


class Relation(models.Model):
    """What one person made of another: a favourite, or somebody with whom he is never matched. One of the two."""

    class Kind(models.TextChoices):
        BLOCK = "block"
        FAVOURITE = "favourite"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="relations", db_index=False
    )
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "other"], name="accounts_relation_once"),
            models.CheckConstraint(condition=~Q(owner=F("other")), name="accounts_relation_to_another"),
            models.CheckConstraint(condition=Q(kind__in=["block", "favourite"]), name="accounts_relation_kind_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "kind", "-id"], name="accounts_relations_of_owner")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.owner_id}"


class Rule(models.Model):
    """What staff changed of a built-in rule (`accounts.trust.rules`); without a row it is as it was built."""

    code = models.CharField(max_length=40, primary_key=True)
    enabled = models.BooleanField(default=True)
    parameters = models.JSONField(default=dict, blank=True, help_text="only those that differ from the defaults")
    updated_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.code


class RuleChange(models.Model):
    """One tuning of a rule: who, why, and what it was like afterwards. Never changed."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="changes")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    enabled = models.BooleanField()
    parameters = models.JSONField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_rulechange_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} at {self.at}"


class Flag(Owed):
    """Something that a rule found and that staff look into: what, whom it is about, and, in `because`, why.

    A flag holds and tells nobody anything. Of each code a subject has one open flag at most; it is decided once,
    `cleared` or `confirmed`, never by whom it is about. While it is open, staff owe a decision until `due_at`.
    """

    class Subject(models.TextChoices):
        USER = "user"
        TRADE = "trade"
        WITHDRAWAL = "withdrawal"
        PAYMENT_ACCOUNT = "payment_account"  # one version of it

    class Severity(models.TextChoices):
        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    class Status(models.TextChoices):
        OPEN = "open"
        CLEARED = "cleared"
        CONFIRMED = "confirmed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40, help_text="of the rule")
    subject_kind = models.CharField(max_length=16, choices=Subject)
    subject_id = models.UUIDField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="flags", help_text="whom it is about"
    )
    severity = models.CharField(max_length=6, choices=Severity)
    because = models.CharField(max_length=300)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    note = models.CharField(max_length=500, blank=True, default="", help_text="of who decided")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["code", "subject_kind", "subject_id"], condition=Q(status="open"), name="accounts_flag_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status="open", due_at__isnull=False, decided_by=None, decided_at=None, note="")
                | Q(
                    status__in=["cleared", "confirmed"],
                    due_at=None,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="accounts_flag_waits_or_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")), name="accounts_flag_decided_by_another"
            ),
            models.CheckConstraint(condition=~Q(because=""), name="accounts_flag_explains_itself"),
            models.CheckConstraint(
                condition=Q(severity__in=["low", "medium", "high"])
                & Q(subject_kind__in=["user", "trade", "withdrawal", "payment_account"]),
                name="accounts_flag_kinds_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_id", "code"], name="accounts_flags_of_subject"),
            models.Index(fields=["status", "-id"], name="accounts_flags_by_status"),
            models.Index(fields=["due_at"], name="accounts_flags_owed", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.subject_kind} {self.subject_id} ({self.status})"
