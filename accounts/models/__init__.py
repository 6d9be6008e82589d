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

__all__ = [
    "EmailPurpose",
    "EmailToken",
    "EndReason",
    "KycStatus",
    "LoginCounter",
    "PaymentMethod",
    "RefreshToken",
    "Role",
    "Session",
    "User",
    "anonymous_display_name",
    "normalise_email",
]
