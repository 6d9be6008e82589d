"""API keys: how programs speak for a user."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models.people import User
from iqx.core import clock
from iqx.core.ids import new_id


class Scope(models.TextChoices):
    """What a key may do. None includes another."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"


class ApiKey(models.Model):
    """A key that speaks for its owner within its scopes, from its networks, until it expires or is revoked.

    The key itself is shown once; here is its digest, and `prefix`, by which its owner knows it again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope.choices))
    networks = ArrayField(models.CharField(max_length=43), default=list, help_text="CIDR; none: from anywhere")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="to the minute")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values) & Q(scopes__len__gt=0),
                name="accounts_apikey_scopes_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="accounts_apikey_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
