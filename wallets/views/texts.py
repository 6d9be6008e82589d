"""What the wallet's pages call things, in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.trust.rules import NET_PURCHASES
from wallets.models import TransferKind

KINDS: Final[dict[str, Promise]] = {
    TransferKind.DEPOSIT: _("Deposit"),
    TransferKind.WITHDRAWAL_REQUEST: _("Withdrawal: locked"),
    TransferKind.WITHDRAWAL_SENT: _("Withdrawal: sent"),
    TransferKind.WITHDRAWAL_RETURN: _("Withdrawal: given back"),
    TransferKind.ORDER_RESERVE: _("Order: locked"),
    TransferKind.ORDER_ADJUST: _("Order: changed"),
    TransferKind.ORDER_RETURN: _("Order: given back"),
    TransferKind.TRADE_RELEASE: _("Trade: released"),
    TransferKind.TRADE_REFUND: _("Trade: given back"),
    TransferKind.TRADE_SPLIT: _("Trade: shared"),
    TransferKind.ADJUSTMENT: _("Correction by staff"),
}

STATES: Final[dict[str, Promise]] = {
    "pending": _("Waiting for staff"),
    "approved": _("Approved"),
    "sent": _("On its way"),
    "confirmed": _("Done"),
    "rejected": _("Refused"),
    "cancelled": _("Taken back"),
}

TONES: Final[dict[str, str]] = {
    "pending": "wait",
    "approved": "wait",
    "sent": "info",
    "confirmed": "good",
    "rejected": "bad",
    "cancelled": "plain",
}

RULES: Final[dict[str, Promise]] = {
    NET_PURCHASES.code: _("Bought a short time ago by a payment that could be taken back; you can trade it at once:"),
}
"""Why a part of the USDT can't leave yet, by the rule that holds it."""

HOLDS: Final[dict[str, Promise]] = {
    "password_changed": _("your password was changed"),
    "two_factor_changed": _("your second factor was changed"),
    "not_me": _("you reported a log-in that was not yours"),
}
"""Why withdrawals are held; what is no reason here is told in its own words."""
