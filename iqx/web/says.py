"""What people are told when something is refused, in their language; friendlier than the API's `detail`."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iqx.core.errors import DomainError

TEXTS: Final[dict[str, str | Promise]] = {
    "account_suspended": _("This account is suspended. Please write to support."),
    "amount_not_on_lot": _("Use at most two decimals here: amounts come in steps of %(lot_size)s USDT."),
    "amount_out_of_range": _("This market takes from %(min_amount)s to %(max_amount)s USDT."),
    "authentication_failed": _("E-mail and password don't belong together."),
    "busy": _("Much is going on just now; nothing was changed. Please try again."),
    "chat_closed": _("This trade ended too long ago to go on writing."),
    "chat_full": _("You have written as many messages here as one can."),
    "code_invalid": _("This code is wrong, used, or too old. Ask for a new one."),
    "email_not_verified": _("Please confirm your e-mail address first. A new code is on its way to you."),
    "email_taken": _("There is an account with this e-mail already. Log in instead?"),
    "feedback_given": _("You have rated this trade already."),
    "file_refused": _("Send a picture (JPEG, PNG, WebP) or a PDF."),
    "file_too_large": _("This file is too large."),
    "insufficient_funds": _("You don't have enough: %(available)s USDT are available."),
    "limit_exceeded": _("This is more than your limit for today allows. %(remaining)s USDT are left."),
    "login_locked": _("Too many attempts. Wait a moment, or reset your password by e-mail."),
    "market_halted": _("This market is closed for the moment."),
    "not_found": _("There is nothing here, or it isn't yours."),
    "not_your_step": _("This step is the other side's."),
    "offer_changed": _("This offer has just changed. Look at it again."),
    "offer_incompatible": _("The offer doesn't take this amount or this payment method."),
    "otp_invalid": _("This code is wrong, or was used before. Wait for the next one."),
    "otp_locked": _("Too many wrong codes. Wait a moment."),
    "otp_required": _("Enter the code of your authenticator app."),
    "own_offer": _("This is your own offer."),
    "payment_cap_exceeded": _("With this payment method one order may have %(max_amount)s USDT at most."),
    "permission_denied": _("You may not do this."),
    "price_not_on_tick": _("Prices here come in steps of %(tick_size)s."),
    "throttled": _("That was a bit too fast. Wait a moment, then try again."),
    "too_many_orders": _("You have as many orders as one may have. Cancel one first."),
    "trade_wrong_status": _("The trade has moved on meanwhile. This is how it is now."),
    "trading_paused": _("You can't place orders for a while, because too many of your trades failed."),
}


def told(error: DomainError) -> str:
    """A refusal for its reader; what nobody has written a text for is told in the API's words."""
    text = TEXTS.get(error.code)
    if text is None:
        return error.detail
    try:
        return str(text) % error.extra
    except KeyError:
        return error.detail
