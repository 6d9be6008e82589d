"""Security alerts: what an owner should hear of at once, in case it was not he."""

from django.db import models
from django.db.models import Q

from accounts.models.people import User
from iqx.core import clock
from iqx.core.ids import new_id


class AlertKind(models.TextChoices):
    NEW_LOGIN = "new_login"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 no password
    TWO_FACTOR_ENABLED = "two_factor_enabled"
    TWO_FACTOR_DISABLED = "two_factor_disabled"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    API_KEY_CREATED = "api_key_created"
    WITHDRAWAL_ADDRESS_ADDED = "withdrawal_address_added"
    ACCOUNT_SECURED = "account_secured"


class SecurityAlert(models.Model):
    """Something that changed who gets into an account, or what leaves it.

    The mail that tells of it carries a code that says "this wasn't me", once. It is made by the job that mails it, so
    that no queue ever holds it: until then there is no `digest`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_alerts")
    kind = models.CharField(max_length=24, choices=AlertKind.choices)
    details = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    digest = models.CharField(max_length=64, unique=True, null=True)
    used_at = models.DateTimeField(null=True, help_text="when the owner said that it wasn't he")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="accounts_securityalert_kind_known"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(digest__isnull=False), name="accounts_securityalert_used_after_mailed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
