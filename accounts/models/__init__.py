from accounts.models.factors import RecoveryCode, Totp
from accounts.models.people import (
    EmailPurpose,
    EmailToken,
    EndReason,
    KycStatus,
    LoginCounter,
    PaymentMethod,
    RefreshToken,
    Role,
    Session,
    User,
    anonymous_display_name,
    normalise_email,
)
from accounts.models.trust import Relation, Rule, RuleChange, TraderRecord

__all__ = [
    "EmailPurpose",
    "EmailToken",
    "EndReason",
    "KycStatus",
    "LoginCounter",
    "PaymentMethod",
    "RecoveryCode",
    "RefreshToken",
    "Relation",
    "Role",
    "Rule",
    "RuleChange",
    "Session",
    "Totp",
    "TraderRecord",
    "User",
    "anonymous_display_name",
    "normalise_email",
]
