"""People, their sessions, and what guards the way in.

Tokens are opaque to the database: it keeps a SHA-256 digest of each, never the token. A session is a family of
refresh tokens of which at most one is unused at any time; that, too, is a constraint.
"""

import secrets
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from iqx.core import clock
from iqx.core.ids import new_id


class Role(models.TextChoices):
    USER = "user"
    SUPPORT = "support"
    ADMIN = "admin"
    AUDITOR = "auditor"


class KycStatus(models.TextChoices):
    NONE = "none"
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"


def normalise_email(email: str) -> str:
    """The form in which an address is stored, compared and mailed to."""
    return email.strip().lower()


def anonymous_display_name() -> str:
    """A name that says nothing about its owner: the e-mail's local part would."""
    return f"trader-{secrets.token_hex(4)}"


class User(AbstractBaseUser):
    """A person who trades, or who looks after those who do.

    `role` alone decides what a person may do: there are no groups and no permission rows that could disagree with
    it. A suspended user (`is_active=False`) has no way in, and every session of his is ended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    display_name = models.CharField(max_length=40, default=anonymous_display_name)
    role = models.CharField(max_length=7, choices=Role.choices, default=Role.USER)
    kyc_status = models.CharField(max_length=8, choices=KycStatus.choices, default=KycStatus.NONE)
    kyc_level = models.PositiveSmallIntegerField(default=0)
    verified_name = models.CharField(
        max_length=120, blank=True, default="", help_text="as staff read it in the user's documents"
    )
    email_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True, help_text="Off: the user is suspended.")
    mail_word = models.CharField(
        max_length=40, blank=True, default="", help_text="all e-mails to the user have it, so that he knows them"
    )
    two_factor = models.BooleanField(default=False, help_text="On: what matters needs a second factor, too.")
    withdrawals_held_until = models.DateTimeField(null=True, blank=True)
    withdrawals_hold_reason = models.CharField(max_length=40, blank=True)
    trading_paused_until = models.DateTimeField(null=True, blank=True, help_text="after too many failed trades")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = BaseUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="accounts_user_email_normalised"),
            models.CheckConstraint(condition=Q(display_name__regex=r"\S"), name="accounts_user_display_name_visible"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="accounts_user_role_known"),
            models.CheckConstraint(condition=Q(kyc_status__in=KycStatus.values), name="accounts_user_kyc_status_known"),
            models.CheckConstraint(
                condition=Q(kyc_level=0) | Q(kyc_level__in=(1, 2), kyc_status=KycStatus.VERIFIED),
                name="accounts_user_kyc_level_verified",
            ),
            models.CheckConstraint(
                condition=Q(withdrawals_held_until=None, withdrawals_hold_reason="")
                | Q(withdrawals_held_until__isnull=False) & ~Q(withdrawals_hold_reason=""),
                name="accounts_user_hold_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_staff_member(self) -> bool:
        return self.role in {Role.ADMIN, Role.SUPPORT, Role.AUDITOR}

    # What Django's admin asks of a user. Support may look at everything; what else it may do, each page says.

    @property
    def is_staff(self) -> bool:
        """Whether he may see what staff see."""
        return self.is_active and self.is_staff_member and self.is_secured

    @property
    def may_act(self) -> bool:
        """Whether he may do what staff do: an auditor reads everything, and changes nothing."""
        return self.is_staff and self.role != Role.AUDITOR

    @property
    def is_secured(self) -> bool:
        """Whether the account is as well guarded as one of staff must be."""
        return self.two_factor or not settings.STAFF_NEEDS_SECOND_FACTOR

    @property
    def is_superuser(self) -> bool:
        return self.is_staff and self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        _, _, codename = perm.partition(".")
        return self.is_superuser or (self.is_staff and codename.startswith("view_"))

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class EndReason(models.TextChoices):
    LOGOUT = "logout"
    LOGOUT_ALL = "logout_all"
    REVOKED = "revoked"
    PASSWORD = "password", "password changed"
    DISOWNED = "disowned", "this wasn't me"
    REUSE = "reuse", "refresh token used twice"
    SUSPENDED = "suspended"


class Session(models.Model):
    """One log-in on one device: the family of refresh tokens that descend from it.

    Access tokens name their session, and are worth nothing once it has ended. `network` is the part of the address
    by which a log-in from a familiar place is recognised.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    user_agent = models.CharField(max_length=200, blank=True)
    ip = models.GenericIPAddressField(null=True)
    network = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="") | Q(ended_at__isnull=False, end_reason__in=EndReason.values),
                name="accounts_session_end_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RefreshToken(models.Model):
    """A token that can be exchanged, once, for an access token and its own successor."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(used_at=None), name="accounts_refreshtoken_one_unused"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_refreshtoken_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}#{self.pk}"


class EmailPurpose(models.TextChoices):
    REGISTER = "register"
    VERIFY = "verify"
    RESET = "reset"


class EmailToken(models.Model):
    """A code that proves, once, that its bearer reads the mail of `email`.

    Asking for one does the same whether or not the address has an account, so that neither answer nor timing tells;
    the job that mails the code decides. The code is made there, so that no queue ever holds it: until it is mailed
    there is no `digest`. A registration's password waits here, in its own token: whoever proves the address gets the
    password of the registration that was mailed, never that of somebody else's attempt.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=8, choices=EmailPurpose.choices)
    email = models.EmailField(max_length=254, db_index=True)
    password = models.CharField(max_length=128, blank=True)
    display_name = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=64, unique=True, null=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=EmailPurpose.values), name="accounts_emailtoken_purpose_known"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="accounts_emailtoken_email_normalised"),
            models.CheckConstraint(
                condition=(Q(purpose=EmailPurpose.REGISTER) & ~Q(password="") & ~Q(display_name=""))
                | (~Q(purpose=EmailPurpose.REGISTER) & Q(password="", display_name="")),
                name="accounts_emailtoken_registration_only",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(digest__isnull=False), name="accounts_emailtoken_used_after_mailed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.email}"


class LoginCounter(models.Model):
    """Failed log-ins of one kind, under a keyed digest that shows neither e-mail nor address.

    `pair`: one e-mail from one address. `address`: any e-mail from one address. `email`: one e-mail from anywhere.
    `otp`: second factors of one user.
    """

    class Scope(models.TextChoices):
        PAIR = "pair"
        ADDRESS = "address"
        EMAIL = "email"
        OTP = "otp"

    key = models.CharField(max_length=64, primary_key=True)
    scope = models.CharField(max_length=7, choices=Scope.choices)
    failures = models.PositiveIntegerField()
    blocked_until = models.DateTimeField(null=True)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["pair", "address", "email", "otp"]), name="accounts_logincounter_scope_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.failures}"
