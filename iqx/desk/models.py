"""What staff's pages keep of their own: figures over time, which nobody could count anew, and announcements."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from iqx.core.ids import new_id
from orders.models import Market


def _usdt_sum() -> models.DecimalField:
    return models.DecimalField(max_digits=30, decimal_places=6, default=0)


class MarketHour(models.Model):
    """One market in one hour: trades as they began and ended in it, and its book as it was last looked at.

    The counts come from the steps of trades, so they can be made anew; a book that is gone can't.
    """

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    hour = models.DateTimeField()
    trades = models.PositiveIntegerField(default=0, help_text="opened")
    volume = _usdt_sum()
    released = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="cancelled, or refunded by staff")
    disputed = models.PositiveIntegerField(default=0)
    fees = _usdt_sum()
    bid = models.DecimalField(max_digits=18, decimal_places=8, null=True)
    ask = models.DecimalField(max_digits=18, decimal_places=8, null=True)
    bid_depth = models.DecimalField(max_digits=30, decimal_places=6, null=True, help_text="within 2 % of the middle")
    ask_depth = models.DecimalField(max_digits=30, decimal_places=6, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "market"], name="desk_markethour_once")]

    def __str__(self) -> str:
        return f"{self.market_id} {self.hour}"


class PlatformHour(models.Model):
    """The whole platform in one hour: who came, and what USDT came and went."""

    hour = models.DateTimeField(primary_key=True)
    registered = models.PositiveIntegerField(default=0)
    deposits = models.PositiveIntegerField(default=0)
    deposited = _usdt_sum()
    withdrawals = models.PositiveIntegerField(default=0)
    withdrawn = _usdt_sum()

    def __str__(self) -> str:
        return str(self.hour)


class Announcement(models.Model):
    """What everybody is told at the top of each page, for as long as it holds."""

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.CharField(max_length=300)
    severity = models.CharField(max_length=7, choices=Severity, default=Severity.INFO)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="empty: until somebody ends it")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(text__regex=r"\S"), name="desk_announcement_visible"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")), name="desk_announcement_ends_later"
            ),
            models.CheckConstraint(condition=Q(severity__in=["info", "warning"]), name="desk_announcement_severity"),
        ]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="desk_announcements_in_time")]

    def __str__(self) -> str:
        return self.text[:60]
