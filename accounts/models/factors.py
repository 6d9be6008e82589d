"""Second factors: what somebody has, beside the password that he knows."""

from django.db import models
from django.db.models import Q

from accounts.models.people import User
from iqx.core import clock


class Totp(models.Model):
    """An authenticator app's secret (RFC 6238), sealed; it counts once it is confirmed by a code.

    `last_step` is the time step whose code was used last: no code of that step or an older one is taken again.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="totp")
    secret = models.TextField(help_text="sealed")
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "authenticator app"
        constraints = [
            models.CheckConstraint(condition=Q(last_step__gte=0), name="accounts_totp_last_step_not_negative"),
        ]

    def __str__(self) -> str:
        return f"authenticator app of {self.user_id}"


class RecoveryCode(models.Model):
    """A code for who has lost his second factor: good once. It is long and random, so a plain digest will do."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code {self.pk} of {self.user_id}"
