"""What people and staff ask for: deposits, withdrawals, adjustments. The money itself moves in the ledger."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Owed
from iqx.core.ids import new_id
from wallets.models.fields import UsdtField


class DepositStatus(models.TextChoices):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class WithdrawalStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class AdjustmentStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    DROPPED = "dropped"  # taken back, or nobody decided in time


class MoneyRequest(Owed):
    """Common to deposits and withdrawals: whose, how much, by which network, and who of staff decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss", db_index=False
    )
    amount = UsdtField(help_text="USDT that arrive")
    network = models.CharField(max_length=20)
    tx_hash = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was rejected")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


_OTHER_PERSON = Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("user"))


class Deposit(MoneyRequest):
    """USDT coming in. The wallet is credited, once, when it is `confirmed`; staff owe that until `due_at`."""

    FINAL = (DepositStatus.CONFIRMED, DepositStatus.REJECTED)

    status = models.CharField(max_length=10, choices=DepositStatus.choices, default=DepositStatus.PENDING)

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="wallets_deposit_of_user"),
            models.Index(fields=["user", "created_at"], name="wallets_deposit_recent"),
            models.Index(fields=["due_at"], name="wallets_deposits_owed", condition=Q(due_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_deposit_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=DepositStatus.values), name="wallets_deposit_status_known"),
            models.CheckConstraint(condition=_OTHER_PERSON, name="wallets_deposit_two_persons"),
            models.CheckConstraint(
                condition=Q(status="pending", due_at__isnull=False)
                | Q(status__in=["confirmed", "rejected"], due_at__isnull=True),
                name="wallets_deposit_waits_or_is_decided",
            ),
        ]


class Withdrawal(MoneyRequest):
    """USDT going out to `address`. `amount + fee` is locked until it is confirmed, rejected or cancelled.

    Until then the next step is owed by `due_at`: staff's, who also look after what the network has not confirmed.
    """

    FINAL = (WithdrawalStatus.CONFIRMED, WithdrawalStatus.REJECTED, WithdrawalStatus.CANCELLED)

    fee = UsdtField(help_text="on top of the amount")
    needs_second = models.BooleanField(default=False, help_text="whether two admins have to approve it")
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    address = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=WithdrawalStatus.choices, default=WithdrawalStatus.PENDING)

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="wallets_withdrawal_of_user"),
            models.Index(fields=["user", "created_at"], name="wallets_withdrawal_recent"),
            models.Index(fields=["due_at"], name="wallets_withdrawals_owed", condition=Q(due_at__isnull=False)),
            BrinIndex(fields=["created_at"], name="wallets_withdrawals_in_time", autosummarize=True),
            models.Index(fields=["address"], name="wallets_withdrawals_to"),  # who else withdraws there
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="wallets_withdrawal_amount_positive"),
            models.CheckConstraint(condition=Q(fee__gte=0), name="wallets_withdrawal_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=WithdrawalStatus.values), name="wallets_withdrawal_status_known"
            ),
            models.CheckConstraint(condition=_OTHER_PERSON, name="wallets_withdrawal_two_persons"),
            models.CheckConstraint(
                condition=Q(first_approved_by=None)
                | ~Q(first_approved_by=F("user")) & (Q(reviewed_by=None) | ~Q(first_approved_by=F("reviewed_by"))),
                name="wallets_withdrawal_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | ~Q(status__in=["approved", "sent", "confirmed"])
                | Q(first_approved_by__isnull=False, reviewed_by__isnull=False),
                name="wallets_withdrawal_approved_by_enough",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "approved", "sent"], due_at__isnull=False)
                | Q(status__in=["confirmed", "rejected", "cancelled"], due_at__isnull=True),
                name="wallets_withdrawal_waits_or_is_done",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["sent", "confirmed"]) & ~Q(tx_hash="")
                | ~Q(status__in=["sent", "confirmed"]) & Q(tx_hash=""),
                name="wallets_withdrawal_sent_has_hash",
            ),
        ]


class Adjustment(Owed):
    """A correction of a wallet's available balance: asked for by one of staff, decided by another, not by its owner.

    It waits as an `Approval`, which carries its clock; the two people stand here, too, and the database compares them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="adjustments")
    amount = UsdtField(help_text="USDT to add, or, negative, to take")
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=AdjustmentStatus.choices, default=AdjustmentStatus.PENDING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="wallets_adjustment_amount_not_zero"),
            models.CheckConstraint(condition=~Q(reason=""), name="wallets_adjustment_has_reason"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="wallets_adjustment_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("user")),
                name="wallets_adjustment_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", decided_by__isnull=True, decided_at__isnull=True)
                | Q(status__in=["approved", "rejected"], decided_by__isnull=False, decided_at__isnull=False)
                | Q(status="dropped", decided_by__isnull=True, decided_at__isnull=False),
                name="wallets_adjustment_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", due_at__isnull=False)
                | Q(status__in=["approved", "rejected", "dropped"], due_at__isnull=True),
                name="wallets_adjustment_waits_or_is_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"adjustment {self.pk}"


class WithdrawalAddress(models.Model):
    """An entry of a person's address book: where he withdraws to, under a name of his own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="withdrawal_addresses", db_index=False
    )
    network = models.CharField(max_length=20)
    address = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "withdrawal addresses"
        indexes = [models.Index(fields=["user", "id"], name="wallets_address_of_user")]
        constraints = [
            models.UniqueConstraint(fields=["user", "network", "address"], name="wallets_withdrawaladdress_once"),
        ]

    def __str__(self) -> str:
        return self.name
