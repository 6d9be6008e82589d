"""What the trade room says, in the reader's language: steps, warnings, reasons of disputes."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from disputes.models import Dispute
from orders.models import Order
from trades.models import Message

ROOM_TEXTS: Final[dict[str, Promise]] = {
    "open": _("The trade is open, and the USDT is in escrow."),
    "mark_paid": _("The buyer says that he has paid."),
    "release": _("The seller has released the USDT."),
    "cancel": _("The buyer has called the trade off."),
    "cancel_requested": _("The seller asks the buyer to agree to cancel."),
    "cancel_rejected": _("The buyer does not agree to cancel."),
    "accept_cancel": _("The buyer agrees to cancel; the trade is called off."),
    "expire": _("The time to pay is over. The escrow is held a while, in case the payment was made."),
    "end_grace": _("No payment was told of in time; the trade is called off."),
    "remind": _("The seller was reminded to check his account and release."),
    "dispute": _("A dispute is open; staff will look at it."),
    "withdraw_dispute": _("The dispute was withdrawn."),
    "escalate": _("The dispute was passed on to a senior."),
    "rule_release": _("Staff ruled that the USDT goes to the buyer."),
    "rule_refund": _("Staff ruled that the USDT goes back to the seller."),
    "rule_split": _("Staff ruled that the USDT is shared."),
    "extended": _("The platform was away for a while; the deadline moved by as much."),
    "payment_method_proposed": _("The seller named a payment method."),
    "payment_method_agreed": _("The payment method is agreed on."),
    "payment_account_chosen": _("The seller chose the account to be paid to."),
    "payment_account_changed": _("The seller changed the account to be paid to. Look again before you pay."),
}

WARNINGS: Final[dict[str, Promise]] = {
    Message.Flag.SEEN_BEFORE: _(
        "This picture was sent as a receipt in another trade before. Release only when your own bank or app shows "
        "the money."
    ),
    Message.Flag.LINK: _(
        "This message has a link. Payments and support never need one: do not log in or pay behind it."
    ),
    Message.Flag.CONTACT: _(
        "This message leads out of this chat. Stay here: what is agreed elsewhere can't be proven, and staff never "
        "write to you anywhere else."
    ),
}
"""The gravest first."""

_Reason = Dispute.Reason
REASONS: Final[dict[str, Promise]] = {
    _Reason.PAYMENT_NOT_RECEIVED: _("The payment did not arrive"),
    _Reason.PAYMENT_WRONG_AMOUNT: _("Another amount arrived"),
    _Reason.THIRD_PARTY_PAYMENT: _("The money came from somebody else's account"),
    _Reason.PAYMENT_REVERSED: _("The payment was taken back"),
    _Reason.FORGED_RECEIPT: _("The receipt is forged"),
    _Reason.NOT_RELEASED: _("I have paid, and the seller does not release"),
    _Reason.SELLER_ASKS_MORE: _("The seller asks for more than agreed"),
    _Reason.PAID_TWICE: _("I have paid twice"),
    _Reason.PAID_BUT_CANCELLED: _("I have paid, and the trade was cancelled"),
    _Reason.RELEASED_BY_MISTAKE: _("I released by mistake"),
    _Reason.OTHER: _("Something else"),
}

PAUSES: Final[dict[str, Promise]] = {
    Order.Pause.BY_OWNER: _("You have paused it."),
    Order.Pause.OUTSIDE_HOURS: _("It is outside of your opening hours."),
    Order.Pause.STALE_REFERENCE: _("The market has no fresh reference, which its price follows."),
}

REFUSALS: Final = (
    gettext_noop("The smallest fill is larger than the amount."),
    gettext_noop("The largest fill is below the smallest, or below the market's least amount."),
    gettext_noop("The least price is above the highest."),
    gettext_noop("This time is over."),
    gettext_noop("A post-only order can't be immediate."),
    gettext_noop("A floating order can't be post-only."),
    gettext_noop("A private order can't be post-only."),
)
"""Details of the API that pages show as they are, named here so that they are translated."""
