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
from accounts.models.trust import Relation, TraderRecord

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
    "Session",
    "Totp",
    "TraderRecord",
    "User",
    "anonymous_display_name",
    "normalise_email",
]
