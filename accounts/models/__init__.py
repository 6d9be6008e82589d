from accounts.models.alerts import AlertKind, SecurityAlert
from accounts.models.approvals import Approval
from accounts.models.duties import Owed
from accounts.models.factors import RecoveryCode, Totp
from accounts.models.keys import ApiKey, Scope
from accounts.models.kyc import KycDocument, KycSubmission
from accounts.models.passkeys import Passkey, PasskeyChallenge, StepUpCode
from accounts.models.payments import PaymentAccount, PaymentMethod, RiskClass
from accounts.models.people import (
    EmailPurpose,
    EmailToken,
    EndReason,
    KycStatus,
    LoginCounter,
    RefreshToken,
    Role,
    Session,
    User,
    anonymous_display_name,
    normalise_email,
)
from accounts.models.trust import Flag, Relation, Rule, RuleChange, TraderRecord

__all__ = [
    "AlertKind",
    "ApiKey",
    "Approval",
    "EmailPurpose",
    "EmailToken",
    "EndReason",
    "Flag",
    "KycDocument",
    "KycStatus",
    "KycSubmission",
    "LoginCounter",
    "Owed",
    "Passkey",
    "PasskeyChallenge",
    "PaymentAccount",
    "PaymentMethod",
    "RecoveryCode",
    "RefreshToken",
    "Relation",
    "RiskClass",
    "Role",
    "Rule",
    "RuleChange",
    "Scope",
    "SecurityAlert",
    "Session",
    "StepUpCode",
    "Totp",
    "TraderRecord",
    "User",
    "anonymous_display_name",
    "normalise_email",
]
