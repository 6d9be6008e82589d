"""Passkeys (WebAuthn): a second factor that no false page can ask for."""

from django.db import models
from django.db.models import F, Q

from accounts.models.people import User
from iqx.core import clock
from iqx.core.ids import new_id


class Passkey(models.Model):
    """The public half of a key pair that an authenticator keeps for this platform, and its count of signatures.

    A key that counts at all counts up with each use: one that doesn't was copied, and is refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(help_text="COSE")
    sign_count = models.BigIntegerField(default=0)
    backed_up = models.BooleanField(default=False, help_text="its owner has it on several devices")
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sign_count__gte=0), name="accounts_passkey_sign_count_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


class PasskeyChallenge(models.Model):
    """What an authenticator has to sign: for one purpose and one user, within minutes, once, whatever comes of it.

    Of a log-in nobody knows yet whose it is. `proved`: its user had a second factor then, and proved it.
    """

    class Purpose(models.TextChoices):
        REGISTER = "register"
        STEP_UP = "step_up"
        LOG_IN = "log_in"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", null=True)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    challenge = models.BinaryField()
    proved = models.BooleanField(default=False, help_text="by the second factor that its user had then")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="log_in", user=None) | Q(purpose__in=["register", "step_up"], user__isnull=False),
                name="accounts_passkeychallenge_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_passkeychallenge_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class StepUpCode(models.Model):
    """What a passkey's signature was exchanged for: a code that serves as `otp`, once, within minutes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_stepupcode_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"step-up code of {self.user_id}"
