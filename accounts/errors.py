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
