"""What may go wrong on the way in, and after."""

from iqx.core.errors import Conflict, DomainError, NotAllowed, RuleViolated


class AuthenticationFailed(DomainError):
    """One answer for every reason, so that it tells a stranger nothing."""

    status = 401
    code = "authentication_failed"
    detail = "The credentials are not valid, or no longer."


class LoginLocked(DomainError):
    """Says nothing about the account: an unknown e-mail is locked in the same way."""

    status = 429
    code = "login_locked"
    detail = "Too many failed log-ins. Wait, then try again; resetting the password by e-mail works at once."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class AccountSuspended(NotAllowed):
    """Told only to who knows the password."""

    code = "account_suspended"
    detail = "This account is suspended. Please contact support."


class EmailNotVerified(NotAllowed):
    """Told only to who knows the password."""

    code = "email_not_verified"
    detail = "The e-mail address must be verified first; a new code is on its way to it."


class EmailTaken(Conflict):
    code = "email_taken"
    detail = "There is an account with this e-mail already."


class CodeInvalid(RuleViolated):
    code = "code_invalid"
    detail = "The code is wrong, used, or has expired. Ask for a new one."


class WrongPassword(RuleViolated):
    code = "wrong_password"
    detail = "That is not the current password."


class TooManyRelations(RuleViolated):
    """Carries `most`."""

    code = "too_many_relations"
    detail = "This list is full; take somebody off it first."


class TraderBlocked(Conflict):
    code = "trader_blocked"
    detail = "You have blocked this trader; lift that first."


class YourOwnAccount(RuleViolated):
    code = "own_account"
    detail = "This is yourself."


class OtpRequired(DomainError):
    """Send `otp`, in the body or in the header X-OTP: a code of the authenticator app, or a recovery code."""

    status = 401
    code = "otp_required"
    detail = "This needs a code of your second factor."


class OtpInvalid(DomainError):
    status = 401
    code = "otp_invalid"
    detail = "The code is wrong, or was used before. Wait for the next one."


class OtpLocked(DomainError):
    """Counted for each user alone; only who knows his password, or has a session of his, can be counted at all."""

    status = 429
    code = "otp_locked"
    detail = "Too many wrong codes. Wait, then try again."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class TwoFactorOn(Conflict):
    code = "two_factor_on"
    detail = "The second factor is on already; switch it off first."


class TwoFactorOff(Conflict):
    code = "two_factor_off"
    detail = "The second factor is not on, or was not set up yet."


class WithdrawalsHeld(RuleViolated):
    """Carries `until` and `reason`: `password_changed`, `two_factor_changed` or `not_me`."""

    code = "withdrawals_held"
    detail = "Withdrawals are held for a while, since something that protects them was changed."


class SecondFactorNeeded(NotAllowed):
    code = "second_factor_needed"
    detail = "Staff need a second factor: set one up at /api/v1/auth/2fa/setup."


class TradingPaused(RuleViolated):
    """Carries `until`. The ladder of pauses is published at /api/v1/limits."""

    code = "trading_paused"
    detail = "You may not place orders for a while, because too many trades failed by you within 24 hours."


class TooManyPaymentAccounts(RuleViolated):
    code = "too_many_payment_accounts"
    detail = "You have as many payment accounts as one may have; delete one first."


class ScopeMissing(NotAllowed):
    """Carries `scope`, the one that it takes; null where no API key is let in."""

    code = "scope_missing"
    detail = "This API key does not permit that."


class KeyAddressRefused(NotAllowed):
    code = "key_address_refused"
    detail = "This API key can't be used from this address."


class TooManyKeys(RuleViolated):
    """Carries `most`."""

    code = "too_many_api_keys"
    detail = "You have as many API keys as there may be; revoke one first."


class KycPending(Conflict):
    code = "kyc_pending"
    detail = "Your last submission is still being reviewed."


class KycWrongStatus(Conflict):
    """Carries `current_status`."""

    code = "kyc_wrong_status"
    detail = "This submission was decided already."


class FlagWrongStatus(Conflict):
    """Carries `current_status`."""

    code = "flag_wrong_status"
    detail = "This flag was decided already."


class PasskeyRefused(RuleViolated):
    """One answer for every reason: another challenge, site or key, a count that did not go up, a false signature."""

    code = "passkey_refused"
    detail = "That is no answer of a passkey that is known here, to what was asked."


class ChallengeGone(Conflict):
    code = "challenge_gone"
    detail = "This challenge was used, or is too old. Begin anew."


class TooManyPasskeys(RuleViolated):
    """Carries `most`."""

    code = "too_many_passkeys"
    detail = "You have as many passkeys as there may be; remove one first."


class SecondPersonRequired(RuleViolated):
    code = "second_person_required"
    detail = "Another member of staff than the one who asked has to decide."


class ApprovalAskedBefore(Conflict):
    code = "approval_asked_before"
    detail = "A second person was asked for this already."


class ApprovalWrongStatus(Conflict):
    """Carries `current_status`."""

    code = "approval_wrong_status"
    detail = "This was decided already."


class ApprovalExpired(Conflict):
    code = "approval_expired"
    detail = "Nobody decided in time; it has to be asked for again."


class RoleUnchanged(Conflict):
    code = "role_unchanged"
    detail = "The user has this role already."
