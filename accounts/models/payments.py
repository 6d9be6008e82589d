"""How fiat money is paid outside of the platform, and the accounts that it is paid to."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models.people import User
from accounts.payments.fields import check_fields
from iqx.core.ids import new_id


class RiskClass(models.TextChoices):
    """How easily a payment is undone, or made from a stolen account; `PAYMENT_CAPS` limits a trade by it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class PaymentMethod(models.Model):
    """A way to pay fiat money outside of the platform, such as SEPA or M-Pesa; orders and trades name its code.

    `fields` says what an account of this method consists of (`accounts.payments.fields.FIELD_KEYS`).
    """

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=80)
    currencies = ArrayField(models.CharField(max_length=3), help_text="ISO 4217 codes; empty: any")
    instant = models.BooleanField(default=False, help_text="the money arrives within minutes")
    window = models.PositiveIntegerField(
        null=True, blank=True, help_text="seconds that a buyer has to pay; empty: as the market says"
    )
    risk = models.CharField(max_length=6, choices=RiskClass.choices, default=RiskClass.MEDIUM)
    fields = models.JSONField(default=list, blank=True, validators=[check_fields])

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="accounts_paymentmethod_code_is_a_slug"
            ),
            models.CheckConstraint(condition=Q(window=None) | Q(window__gt=0), name="accounts_paymentmethod_window"),
            models.CheckConstraint(condition=Q(risk__in=RiskClass.values), name="accounts_paymentmethod_risk_known"),
        ]

    def __str__(self) -> str:
        return self.name


class PaymentAccount(models.Model):
    """What one of a user's payment accounts was from `valid_from` until `valid_until`; null: what it is.

    An edit ends a row and begins the next one of the same `account`, so what a trade refers to never changes under
    it: neither an edit nor a deletion sends a payment elsewhere that is under way. `sealed` holds the details, which
    are nowhere else. Of the accounts that a user has for a method one is the default.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.UUIDField(default=new_id, editable=False, help_text="the same for all versions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="payment_accounts", db_index=False)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="+", db_index=False)
    label = models.CharField(max_length=60, blank=True, default="")
    sealed = models.TextField(help_text="the details, encrypted")
    is_default = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(help_text="of the first version")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="accounts_paymentaccount_ends_later",
            ),
            models.UniqueConstraint(fields=["account", "version"], name="accounts_paymentaccount_version_once"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(valid_until=None), name="accounts_paymentaccount_one_current"
            ),
            models.UniqueConstraint(
                fields=["user", "method"],
                condition=Q(valid_until=None, is_default=True),
                name="accounts_paymentaccount_one_default",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "method", "valid_from"], name="accounts_payments_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.method_id} {self.account} v{self.version}"
