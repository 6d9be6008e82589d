"""Trades, their history, and the receipts of those that ended in a sale."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from iqx.core.ids import new_id
from iqx.core.models import StoredFile
from orders.models import Market, Order, price_field, usdt_field


class Trade(models.Model):
    """One escrowed sale of USDT.

    The seller's USDT (`escrow`: the amount, his fee, and seldom what the order had reserved beyond that) is locked
    from creation until the trade ends; `buyer_amount` says how much of `amount` then went to the buyer. Only
    `trades.escrow` changes the status; every rule below also holds in the database. A live trade has a `deadline` and
    somebody who owes the next step (`trades.escrow.OWNER`).
    """

    class Status(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment"
        EXPIRED = "expired"  # not paid in time; the escrow is held for a while, in case the payment was made
        PAID = "paid"
        DISPUTED = "disputed"
        RELEASED = "released"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"
        SPLIT = "split"

    LIVE = (Status.AWAITING_PAYMENT, Status.EXPIRED, Status.PAID, Status.DISPUTED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="trades", db_index=False)
    buy_order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="purchases")
    sell_order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="sales")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases", db_index=False
    )
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sales", db_index=False)
    taker_side = models.CharField(max_length=4, choices=[("buy", "buy"), ("sell", "sell")])
    amount = usdt_field()
    price = price_field(help_text="fiat for one USDT; that of the resting order")
    total = models.DecimalField(max_digits=30, decimal_places=3, help_text="fiat that the buyer owes")
    quote = models.CharField(max_length=3)
    buyer_fee = usdt_field(help_text="taken from what the buyer gets")
    seller_fee = usdt_field(help_text="paid by the seller on top of the amount")
    escrow = usdt_field(help_text="of the seller, held while the trade lives")
    buyer_amount = usdt_field(null=True, help_text="of the amount, what went to the buyer; set at the end")
    payment_method = models.CharField(max_length=40, null=True)
    proposed_method = models.CharField(
        max_length=40, null=True, help_text="named by the seller, where no order did; the buyer may agree to it"
    )
    method_agreed_at = models.DateTimeField(null=True)
    payment_account = models.ForeignKey(
        "accounts.PaymentAccount",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="what the seller chose for this trade; null: his default at the time",
    )
    account_changed_at = models.DateTimeField(null=True, help_text="the buyer may have seen another account before")
    reference = models.CharField(max_length=16, help_text="for the payment's subject line")
    private = models.BooleanField(default=False, db_default=False, help_text="of a private offer: not on the tape")
    status = models.CharField(max_length=16, choices=Status, default=Status.AWAITING_PAYMENT)
    deadline = models.DateTimeField(null=True, help_text="of the step that is due")
    extended = models.DurationField(null=True, help_text="what outages of the platform added to the deadlines")
    reminded = models.BooleanField(default=False, help_text="the seller was reminded to release")
    cancel_requested_at = models.DateTimeField(null=True, help_text="the seller asks the buyer to agree to cancel")
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    # What `trades.payments.add_payment_details` adds for one reader; stored nowhere.
    payment_details: dict[str, Any] | None = None
    account_shown: UUID | None = None

    class Meta:
        constraints = [
            # Not `unique=True`, which makes a second index, for LIKE, that every change of a trade would write to.
            models.UniqueConstraint(fields=["reference"], name="trades_trade_reference_once"),
            models.CheckConstraint(condition=~Q(seller=F("buyer")), name="trades_trade_parties_differ"),
            models.CheckConstraint(condition=Q(amount__gt=0, total__gte=0), name="trades_trade_amount_positive"),
            models.CheckConstraint(
                condition=Q(payment_method=None) | Q(proposed_method=None), name="trades_trade_method_settled_once"
            ),
            models.CheckConstraint(
                condition=Q(payment_account=None) | Q(payment_method__isnull=False),
                name="trades_trade_account_has_method",
            ),
            models.CheckConstraint(
                condition=Q(buyer_fee__gte=0, buyer_fee__lte=F("amount"), seller_fee__gte=0),
                name="trades_trade_fees_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(escrow__gte=F("amount") + F("seller_fee")), name="trades_trade_escrow_covers_sale"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["awaiting_payment", "expired", "paid", "disputed"],
                    deadline__isnull=False,
                    closed_at__isnull=True,
                    buyer_amount__isnull=True,
                )
                | Q(
                    Q(status="released", buyer_amount=F("amount"))
                    | Q(status__in=["cancelled", "refunded"], buyer_amount=0)
                    | Q(status="split", buyer_amount__gt=0, buyer_amount__lt=F("amount")),
                    deadline__isnull=True,
                    closed_at__isnull=False,
                    buyer_amount__isnull=False,  # a CHECK that comes to NULL would pass
                ),
                name="trades_trade_lives_or_is_settled",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["paid", "split", "refunded", "released"]) | Q(paid_at__isnull=False),
                name="trades_trade_settled_was_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "-id"], name="trades_of_buyer"),
            models.Index(fields=["seller", "-id"], name="trades_of_seller"),
            models.Index(fields=["market", "-id"], name="trades_of_market"),
            models.Index(fields=["market", "created_at"], name="trades_tape"),
            models.Index(fields=["status", "deadline"], name="trades_due", condition=Q(deadline__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.amount} USDT ({self.status})"


class Step(models.Model):
    """One step in the life of a trade: who did what, when. Both parties read it; never changed."""

    class Actor(models.TextChoices):
        BUYER = "buyer"
        SELLER = "seller"
        STAFF = "staff"
        SYSTEM = "system"

    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="steps")
    action = models.CharField(max_length=24)
    actor = models.CharField(max_length=6, choices=Actor)
    status = models.CharField(max_length=16, help_text="of the trade, after the step")
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            # Steps are only ever added, so the blocks of a time lie together, and this index costs next to nothing.
            BrinIndex(fields=["at"], name="trades_steps_in_time", pages_per_range=32, autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"


class Transaction(models.Model):
    """The receipt of a sale: written once, when USDT went to the buyer, and never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trade = models.OneToOneField(Trade, on_delete=models.PROTECT, related_name="receipt")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount = usdt_field()
    price = price_field()
    total = models.DecimalField(max_digits=30, decimal_places=3)
    buyer_fee = usdt_field()
    seller_fee = usdt_field()
    settled_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["buyer", "-id"], name="trades_receipts_of_buyer"),
            models.Index(fields=["seller", "-id"], name="trades_receipts_of_seller"),
        ]

    def __str__(self) -> str:
        return f"receipt of {self.trade_id}"


class Feedback(models.Model):
    """What a party says of the other after a trade: once, and never changed (a trigger says so)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="feedback", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    rating = models.PositiveSmallIntegerField(help_text="1 to 5")
    comment = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["trade", "author"], name="trades_feedback_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="trades_feedback_rating_1_to_5"),
            models.CheckConstraint(condition=~Q(author=F("subject")), name="trades_feedback_about_another"),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="trades_feedback_about"),
            models.Index(fields=["created_at"], name="trades_feedback_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.rating} for {self.subject_id}"


class Message(models.Model):
    """What a party or staff wrote in the chat of a trade; never changed (a trigger says so), and kept for some years.

    It is written under the lock of its trade, as steps are: `after` is the newest step at that time, which gives
    messages and steps one order (`RoomEntry`). `flags` say what the reader is warned of.
    """

    class Flag(models.TextChoices):
        LINK = "link"
        CONTACT = "contact"
        SEEN_BEFORE = "seen_before"  # the same receipt was sent in another trade

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="messages")
    after = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=6, choices=Step.Actor, help_text="of the author in this trade")
    body = models.TextField(blank=True, max_length=2000)
    attachment = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+", null=True)
    flags = ArrayField(models.CharField(max_length=12, choices=Flag), default=list, blank=True)
    status = models.CharField(max_length=16, help_text="of the trade, when this was written")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(body__regex=r"\S") | Q(attachment__isnull=False), name="trades_message_says_something"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["buyer", "seller", "staff"]), name="trades_message_by_a_person"
            ),
            models.CheckConstraint(
                condition=Q(flags__contained_by=["link", "contact", "seen_before"]), name="trades_message_flags_known"
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="trades_flagged_messages", condition=~Q(flags=[])),
            # As with steps: the old ones lie together, where what is over its time is looked for.
            BrinIndex(fields=["at"], name="trades_messages_in_time", pages_per_range=32, autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.body[:60] or 'a file'}"


class ReadMark(models.Model):
    """How far a party has read the messages of a trade; it only moves on."""

    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="read_marks", db_index=False)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", help_text="the last one read")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trade", "reader"], name="trades_readmark_once")]

    def __str__(self) -> str:
        return f"read up to {self.message_id}"


class ReceiptFlag(models.Model):
    """A buyer's receipt that was sent in another trade before: for staff to look at."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="receipt_flags")
    seen_in = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", help_text="the earlier message")
    identical = models.BooleanField(help_text="the same bytes; else it only looks the same")
    created_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "seen_in"], name="trades_receiptflag_once"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="trades_receiptflag_reviewed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="trades_receipts_to_review", condition=Q(reviewed_at=None)),
            models.Index(fields=["created_at"], name="trades_receipts_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} repeats {self.seen_in_id}"


class RoomEntry(models.Model):
    """What is to be read in the room of a trade, in one order: a view of steps, messages, and the maker's terms.

    Nothing is written twice for it, so no step costs more. `key` orders the entries of a trade: the number of the step,
    then, for what was written after that step, the number of the message.
    """

    class Kind(models.TextChoices):
        SYSTEM = "system"  # a step of the trade
        TERMS = "terms"  # what the maker says to whoever takes his offer
        MESSAGE = "message"

    key = models.CharField(max_length=33, primary_key=True)
    trade = models.ForeignKey(Trade, on_delete=models.DO_NOTHING, related_name="room", db_constraint=False)
    kind = models.CharField(max_length=7, choices=Kind)
    step_id = models.BigIntegerField()
    message = models.ForeignKey(Message, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    action = models.CharField(max_length=24)
    actor = models.CharField(max_length=6, choices=Step.Actor)
    status = models.CharField(max_length=16)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "trades_room"
        verbose_name_plural = "room entries"

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"


class RollUp(models.Model):
    """How far a round of the worker has got; whoever holds its row does the round."""

    name = models.CharField(max_length=20, primary_key=True)
    until = models.DateTimeField(null=True, help_text="null: it has yet to see everything")

    def __str__(self) -> str:
        return f"{self.name} until {self.until}"
