from accounts.errors import SecondPersonRequired
from iqx.core.errors import Conflict, NotFound, RuleViolated

__all__ = [
    "AddressBookFull",
    "AddressKnown",
    "InsufficientFunds",
    "MoneyRequestNotFound",
    "NetworkUnavailable",
    "SecondPersonRequired",
    "WithdrawalHeld",
    "WrongRequestStatus",
]


class InsufficientFunds(RuleViolated):
    """Carries `available`, what the wallet can spend."""

    code = "insufficient_funds"
    detail = "There is not enough USDT available."


class NetworkUnavailable(RuleViolated):
    code = "network_unavailable"
    detail = "This network is not available here."


class MoneyRequestNotFound(NotFound):
    """A deposit, withdrawal or adjustment that does not exist looks like a stranger's."""


class WrongRequestStatus(Conflict):
    """Carries `current_status`, so that a client can redraw without a second request."""

    code = "money_request_wrong_status"
    detail = "This was decided already."


class AddressKnown(Conflict):
    code = "address_known"
    detail = "This address is in your address book already."


class AddressBookFull(RuleViolated):
    code = "address_book_full"
    detail = "Your address book is full; delete an address first."


class WithdrawalHeld(RuleViolated):
    """Its `detail` says why. Carries `until` and, if part of the funds is held, `held` and `withdrawable`."""

    code = "withdrawal_held"
    detail = "These USDT can't be withdrawn yet."
