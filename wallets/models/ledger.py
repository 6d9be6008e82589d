"""The ledger: what every balance is made of.

A `Transfer` is one thing that happened; its `Entry` rows move USDT between wallets and system accounts and sum to
zero. A wallet's entries form a chain: each continues from the balances that the one before it left, and the wallet
shows those of the newest. All of this is enforced by PostgreSQL, not by this code: see the migrations and
`docs/ledger.md`. Only `wallets.ledger` writes here.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import NullIf

from iqx.core.ids import new_id
from wallets.models.fields import UsdtField


class TransferKind(models.TextChoices):
    DEPOSIT = "deposit"
    WITHDRAWAL_REQUEST = "withdrawal_request"  # available -> locked: amount and fee
    WITHDRAWAL_SENT = "withdrawal_sent"  # locked -> custody and fees
    WITHDRAWAL_RETURN = "withdrawal_return"  # locked -> available: cancelled or rejected
    ORDER_RESERVE = "order_reserve"
    ORDER_ADJUST = "order_adjust"
    ORDER_RETURN = "order_return"
    TRADE_RELEASE = "trade_release"
    TRADE_REFUND = "trade_refund"
    TRADE_SPLIT = "trade_split"
    ADJUSTMENT = "adjustment"


class SystemAccount(models.TextChoices):
    """The other side of what wallets hold. They have entries and no balance row: such a row would be hot."""

    CUSTODY = "custody"  # minus what the platform holds for its users and itself
    FEES = "fees"  # trading fees earned
    WITHDRAWAL_FEES = "withdrawal_fees"
    ADJUSTMENTS = "adjustments"


ONCE_PER_REF = (
    TransferKind.DEPOSIT,
    TransferKind.WITHDRAWAL_REQUEST,
    TransferKind.ORDER_RESERVE,
    TransferKind.ADJUSTMENT,
)
WITHDRAWAL_OUTCOMES = (TransferKind.WITHDRAWAL_SENT, TransferKind.WITHDRAWAL_RETURN)
TRADE_OUTCOMES = (TransferKind.TRADE_RELEASE, TransferKind.TRADE_REFUND, TransferKind.TRADE_SPLIT)


class Wallet(models.Model):
    """One person's USDT: `available` to use, and `locked` in withdrawals, sell orders and escrow.

    The newest entry with these balances exists whenever a transaction commits, `version` counts the entries and
    never goes back, and the row never changes hands.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="wallet"
    )
    available = UsdtField(default=0)
    locked = UsdtField(default=0)
    version = models.BigIntegerField(default=0)
    head_version = models.GeneratedField(
        expression=NullIf(F("version"), Value(0)), output_field=models.BigIntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="wallets_wallet_available_not_negative"),
            models.CheckConstraint(condition=Q(locked__gte=0), name="wallets_wallet_locked_not_negative"),
            models.CheckConstraint(condition=Q(version__gte=0), name="wallets_wallet_version_not_negative"),
            models.CheckConstraint(
                condition=Q(version__gt=0) | Q(available=0, locked=0), name="wallets_wallet_starts_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"wallet {self.pk}"


class Transfer(models.Model):
    """One movement of USDT and its cause: `ref_id` is the id of the `ref_kind` (order, trade, ...) behind it.

    Written once, together with all its entries; never changed. What may happen only once has a unique key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20, choices=TransferKind.choices)
    ref_kind = models.CharField(max_length=20)
    ref_id = models.UUIDField()
    memo = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TransferKind.values), name="wallets_transfer_kind_known"),
            models.UniqueConstraint(
                fields=["kind", "ref_id"],
                condition=Q(kind__in=ONCE_PER_REF),
                name="wallets_transfer_once_per_ref",
            ),
            models.UniqueConstraint(
                fields=["ref_id"],
                condition=Q(kind__in=WITHDRAWAL_OUTCOMES),
                name="wallets_transfer_withdrawal_settled_once",
            ),
            models.UniqueConstraint(
                fields=["ref_id"],
                condition=Q(kind__in=TRADE_OUTCOMES),
                name="wallets_transfer_trade_settled_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref_kind} {self.ref_id}"


class Entry(models.Model):
    """What a transfer did to one wallet or one system account.

    A wallet's entry carries both changes and both balances after it; it is the wallet's `version`-th. The generated
    `prev_` columns are the balances before it, and a foreign key to the entry that left them. A system account's
    entry has only the amount, as `available_delta`.
    """

    id = models.BigAutoField(primary_key=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="entries", db_index=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="entries", null=True, db_index=False)
    system_account = models.CharField(max_length=20, choices=SystemAccount.choices, null=True)
    version = models.BigIntegerField(null=True)
    available_delta = UsdtField()
    locked_delta = UsdtField()
    available_after = UsdtField(null=True)
    locked_after = UsdtField(null=True)
    prev_version = models.GeneratedField(
        expression=NullIf(F("version") - Value(1), Value(0)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    prev_available = models.GeneratedField(
        expression=F("available_after") - F("available_delta"), output_field=UsdtField(), db_persist=True
    )
    prev_locked = models.GeneratedField(
        expression=F("locked_after") - F("locked_delta"), output_field=UsdtField(), db_persist=True
    )

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            # A CHECK that is NULL passes: hence each isnull beside its comparison.
            models.CheckConstraint(
                condition=Q(
                    wallet__isnull=False,
                    system_account__isnull=True,
                    version__isnull=False,
                    version__gte=1,
                    available_after__isnull=False,
                    available_after__gte=0,
                    locked_after__isnull=False,
                    locked_after__gte=0,
                )
                | Q(
                    wallet__isnull=True,
                    system_account__isnull=False,
                    system_account__in=SystemAccount.values,
                    version__isnull=True,
                    available_after__isnull=True,
                    locked_after__isnull=True,
                    locked_delta=0,
                ),
                name="wallets_entry_wallet_or_system",
            ),
            models.CheckConstraint(
                condition=~Q(available_delta=0, locked_delta=0), name="wallets_entry_moves_something"
            ),
            models.CheckConstraint(
                condition=Q(version__gt=1)
                | Q(available_after=F("available_delta"), locked_after=F("locked_delta"))
                | Q(wallet__isnull=True),
                name="wallets_entry_first_starts_from_zero",
            ),
            models.UniqueConstraint(fields=["wallet", "version"], name="wallets_entry_no_fork"),
            models.UniqueConstraint(
                fields=["wallet", "version", "available_after", "locked_after"], name="wallets_entry_state"
            ),
            models.UniqueConstraint(fields=["transfer", "wallet"], name="wallets_entry_one_per_transfer"),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class UnrolledEntry(models.Model):
    """A system account's entry that is not yet in its `SystemRollup`. Made by a trigger, taken by the roll-up.

    A watermark over entry ids would lose entries, because ids commit out of order; a row here is taken exactly once.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="+")
    account = models.CharField(max_length=20, choices=SystemAccount.choices)
    amount = UsdtField()

    class Meta:
        verbose_name_plural = "unrolled entries"

    def __str__(self) -> str:
        return f"unrolled {self.pk}"


class SystemRollup(models.Model):
    """The sum of a system account's entries, except those still in `UnrolledEntry`."""

    account = models.CharField(max_length=20, choices=SystemAccount.choices, primary_key=True)
    balance = models.DecimalField(max_digits=30, decimal_places=6, default=0)

    def __str__(self) -> str:
        return str(self.account)
