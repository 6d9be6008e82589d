"""Markets and the orders in their books.

The lock of a market is its `Book` row: whoever changes an order that is in the book, or matches, holds it. Only
placing an order does without, since a `pending` order is in no book yet.
"""

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Concat

from iqx.core.ids import new_id
from iqx.core.money import PRICE_PLACES, USDT_PLACES
from orders.matching import CloseReason, Side, TimeInForce


def usdt_field(**options: object) -> models.DecimalField:
    return models.DecimalField(max_digits=20, decimal_places=USDT_PLACES, **options)  # type: ignore[arg-type]


def price_field(**options: object) -> models.DecimalField:
    return models.DecimalField(max_digits=18, decimal_places=PRICE_PLACES, **options)  # type: ignore[arg-type]


def rate_field() -> models.DecimalField:
    return models.DecimalField(max_digits=6, decimal_places=5, default=0, help_text="0.001 is a tenth of a per cent")


LIVE_STATUSES: Final = ("pending", "open", "paused")


class Market(models.Model):
    """USDT against one fiat currency, and the rules for orders there."""

    class Status(models.TextChoices):
        TRADING = "trading"
        HALTED = "halted"  # no new orders and no matching; cancelling goes on

    symbol = models.CharField(max_length=12, primary_key=True, validators=[RegexValidator(r"^USDT-[A-Z]{3}$")])
    quote = models.CharField(max_length=3, help_text="ISO 4217 code of the fiat currency")
    tick_size = price_field(help_text="prices are multiples of this")
    lot_size = usdt_field(help_text="amounts are multiples of this")
    min_amount = usdt_field()
    max_amount = usdt_field()
    maker_fee = rate_field()
    taker_fee = rate_field()
    payment_methods = ArrayField(models.CharField(max_length=40), default=list)
    payment_window = models.PositiveIntegerField(default=1800, help_text="seconds that a buyer has to pay")
    payment_rules = models.TextField(
        default="{}", editable=False, help_text="JSON: window and risk class of each payment method"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.TRADING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["symbol"]
        constraints = [
            models.CheckConstraint(condition=Q(tick_size__gt=0, lot_size__gt=0), name="orders_market_steps_positive"),
            models.CheckConstraint(
                condition=Q(min_amount__gt=0, max_amount__gte=F("min_amount")), name="orders_market_amounts_ordered"
            ),
            models.CheckConstraint(
                condition=Q(maker_fee__gte=0, maker_fee__lt=1, taker_fee__gte=0, taker_fee__lt=1),
                name="orders_market_fees_are_fractions",
            ),
            models.CheckConstraint(condition=Q(payment_window__gt=0), name="orders_market_window_positive"),
            models.CheckConstraint(
                condition=Q(symbol__exact=Concat(models.Value("USDT-"), "quote")),
                name="orders_market_symbol_names_quote",
            ),
        ]

    def __str__(self) -> str:
        return self.symbol


class Book(models.Model):
    """The order book of a market: its lock, and what was last paid there.

    A row of its own, since the market's row is shared by the foreign keys of every new order.
    """

    market = models.OneToOneField(Market, on_delete=models.CASCADE, primary_key=True)
    last_price = price_field(null=True)
    last_fill_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"book of {self.market_id}"


class Order(models.Model):
    """An offer to buy or sell up to `amount` USDT at `price` or better.

    `filled + remaining = amount` always, `remaining` being computed by the database. A sell order that is live holds
    `reserved` USDT of its owner's locked funds: what remains plus the fee that may fall due. Fees are those of the
    market when the order was placed. `priority` is the place in the queue: smaller is older.
    """

    class Status(models.TextChoices):
        PENDING = "pending"  # placed, its funds reserved; the next matching run takes it up
        OPEN = "open"  # in the book, perhaps filled in part
        PAUSED = "paused"  # out of the book for the reasons in `paused_for`; what it reserved stays reserved
        FILLED = "filled"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    LIVE = (Status.PENDING, Status.OPEN, Status.PAUSED)

    class Pause(models.TextChoices):
        """Why an order is out of the book. Each reason comes and goes by itself; with the last it is back."""

        BY_OWNER = "by_owner"
        OUTSIDE_HOURS = "outside_hours"
        STALE_REFERENCE = "stale_reference"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders", db_index=False)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="orders", db_index=False)
    client_order_id = models.CharField(max_length=64, null=True, blank=True)
    side = models.CharField(max_length=4, choices=[(s.value, s.value) for s in Side])
    price = price_field()
    amount = usdt_field()
    filled = usdt_field(default=0)
    remaining = models.GeneratedField(expression=F("amount") - F("filled"), output_field=usdt_field(), db_persist=True)
    min_fill = usdt_field(default=0)
    payment_methods = ArrayField(models.CharField(max_length=40), default=list)
    time_in_force = models.CharField(max_length=3, choices=[(t.value, t.value) for t in TimeInForce])
    post_only = models.BooleanField(default=False)
    only_with = models.UUIDField(null=True, help_text="the one resting order that this order takes")
    expires_at = models.DateTimeField(null=True)
    terms = models.TextField(max_length=2000, blank=True, default="")
    maker_fee = rate_field()
    taker_fee = rate_field()
    reserved = usdt_field(default=0)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    close_reason = models.CharField(
        max_length=24, blank=True, default="", choices=[(r.value, r.value) for r in CloseReason]
    )
    announced = models.BooleanField(default=False, help_text="its order_created event is out")
    priority = models.BigIntegerField(db_default=Func(models.Value("orders_priority"), function="nextval"))
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    # What merchants set; null for everybody else.
    max_fill = usdt_field(null=True, help_text="of one trade")
    min_kyc_level = models.PositiveSmallIntegerField(null=True, help_text="of whom it trades with")
    min_trades = models.PositiveIntegerField(null=True, help_text="completed, of whom it trades with")
    min_completion = models.DecimalField(
        max_digits=5, decimal_places=4, null=True, help_text="completion rate of whom it trades with"
    )
    min_account_days = models.PositiveSmallIntegerField(
        null=True, help_text="age of the account of whom it trades with"
    )
    premium_bps = models.IntegerField(
        null=True, help_text="of a floating price: basis points above the market's reference"
    )
    min_price = price_field(null=True, help_text="a floating price never goes below")
    max_price = price_field(null=True, help_text="a floating price never goes above")
    link = models.CharField(
        max_length=43,
        null=True,
        help_text="of a private offer: in no list, and taken by who knows this; of an order that takes one: by which",
    )
    auto_reply = models.TextField(max_length=2000, null=True, help_text="its owner's first message in each trade")
    paused_for = ArrayField(models.CharField(max_length=16, choices=Pause), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["buy", "sell"]), name="orders_order_side_known"),
            models.CheckConstraint(condition=Q(price__gt=0), name="orders_order_price_positive"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_order_amount_positive"),
            models.CheckConstraint(
                condition=Q(filled__gte=0, filled__lte=F("amount")), name="orders_order_never_overfilled"
            ),
            models.CheckConstraint(condition=Q(min_fill__gte=0), name="orders_order_min_fill_not_negative"),
            models.CheckConstraint(
                condition=Q(status="filled", filled=F("amount")) | (~Q(status="filled") & Q(filled__lt=F("amount"))),
                name="orders_order_filled_means_filled",
            ),
            models.CheckConstraint(
                condition=Q(side="sell", status__in=LIVE_STATUSES, reserved__gte=F("amount") - F("filled"))
                | Q(side="sell", status__in=["filled", "cancelled", "expired"], reserved=0)
                | Q(side="buy", reserved=0),
                name="orders_order_sale_is_covered",
            ),
            models.CheckConstraint(
                condition=Q(time_in_force="GTD", expires_at__isnull=False)
                | (~Q(time_in_force="GTD") & Q(expires_at__isnull=True)),
                name="orders_order_gtd_has_date",
            ),
            models.UniqueConstraint(fields=["owner", "client_order_id"], name="orders_order_client_id_once"),
            models.UniqueConstraint(
                fields=["link"], name="orders_order_link_once", condition=Q(link__isnull=False, only_with=None)
            ),
            models.CheckConstraint(
                condition=Q(max_fill=None) | Q(max_fill__gt=0, max_fill__gte=F("min_fill")),
                name="orders_order_fills_ordered",
            ),
            models.CheckConstraint(
                condition=Q(min_completion=None) | Q(min_completion__gt=0, min_completion__lte=1),
                name="orders_order_completion_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(premium_bps__isnull=True, min_price__isnull=True, max_price__isnull=True)
                | Q(
                    Q(min_price=None) | Q(max_price=None) | Q(min_price__lte=F("max_price")),
                    premium_bps__isnull=False,
                    premium_bps__gt=-10_000,
                    time_in_force__in=["GTC", "GTD"],
                    post_only=False,
                ),
                name="orders_order_floats_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(link=None)
                | Q(
                    Q(only_with__isnull=False) | Q(time_in_force__in=["GTC", "GTD"]),
                    link__regex="^[A-Za-z0-9_-]{32,43}$",
                ),
                name="orders_order_private_rests",
            ),
            models.CheckConstraint(
                condition=Q(status="paused", paused_for__isnull=False, paused_for__len__gt=0)
                | (~Q(status="paused") & Q(paused_for__isnull=True)),
                name="orders_order_paused_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="orders_of_owner"),
            models.Index(fields=["owner"], name="orders_live_of_owner", condition=Q(status__in=LIVE_STATUSES)),
            models.Index(fields=["market", "priority"], name="orders_pending", condition=Q(status="pending")),
            models.Index(
                fields=["market", "-price", "priority"],
                name="orders_bids",
                condition=Q(status="open", side="buy", link__isnull=True),
            ),
            models.Index(
                fields=["market", "price", "priority"],
                name="orders_asks",
                condition=Q(status="open", side="sell", link__isnull=True),
            ),
            models.Index(
                fields=["expires_at"],
                name="orders_expiring",
                condition=Q(status__in=LIVE_STATUSES, expires_at__isnull=False),
            ),
            models.Index(
                fields=["market"],
                name="orders_floating",
                condition=Q(status__in=LIVE_STATUSES, premium_bps__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.amount} {self.market_id} @ {self.price} ({self.status})"


class Reference(models.Model):
    """The price that a market's floating orders follow: fiat for one USDT, from staff or from a price feed.

    After `valid_until` it is stale, and floating orders leave the book until there is a newer one. `is_fresh` says
    which of both they were told last.
    """

    class Source(models.TextChoices):
        STAFF = "staff"
        FEED = "feed"

    market = models.OneToOneField(Market, on_delete=models.CASCADE, primary_key=True)
    price = price_field()
    source = models.CharField(max_length=5, choices=Source)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(help_text="when the price was seen")
    valid_until = models.DateTimeField()
    is_fresh = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="orders_reference_price_positive"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("at")), name="orders_reference_is_valid_for_a_time"),
            models.CheckConstraint(
                condition=Q(source="staff", set_by__isnull=False) | Q(source="feed", set_by__isnull=True),
                name="orders_reference_staff_are_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id}: {self.price} until {self.valid_until}"


class OpeningHours(models.Model):
    """When a merchant's orders are in the book: weekly windows in his time zone.

    `windows` is a list of `[weekday, from, to]`: Monday is 0, and minutes of the day, up to 1440. `is_open` is what
    his orders were told last; at `changes_at` it is to be looked at again, never if that is null.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    time_zone = models.CharField(max_length=64)
    windows = models.JSONField()
    is_open = models.BooleanField()
    changes_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name_plural = "opening hours"

    def __str__(self) -> str:
        return f"{self.user_id} in {self.time_zone}: {'open' if self.is_open else 'closed'}"


class CancelAfter(models.Model):
    """A dead man's switch: at `due_at` all live orders of the user are cancelled, unless it is re-armed before."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.due_at}"


class Turnover(models.Model):
    """What a user ordered on one UTC day and did not give up unfilled, for the daily limit of his KYC level."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    day = models.DateField()
    amount = usdt_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="orders_turnover_one_row_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}: {self.amount}"
