"""What people are told when something is refused, in their language; friendlier than the API's `detail`."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from iqx.core import numbers
from iqx.core.errors import DomainError
from iqx.core.money import ZERO

WITHOUT_FACTS: Final[dict[str, Promise]] = {
    "withdrawal_held": _("A new address can be used only after a while; your address book says when."),
}
"""What is told where a refusal doesn't carry what its text in `TEXTS` names."""

TEXTS: Final[dict[str, str | Promise]] = {
    "account_suspended": _("This account is suspended. Please write to support."),
    "address_book_full": _("Your address book is full; forget an address first."),
    "address_known": _("This address is in your book already."),
    "amount_below_filled": _("%(filled)s USDT of it are traded already; cancel what is left instead."),
    "amount_not_on_lot": _("Use at most two decimals here: amounts come in steps of %(lot_size)s USDT."),
    "amount_out_of_range": _("This market takes from %(min_amount)s to %(max_amount)s USDT."),
    "authentication_failed": _("E-mail and password don't belong together."),
    "busy": _("Much is going on just now; nothing was changed. Please try again."),
    "challenge_gone": _("That took too long, or was done already. Begin anew."),
    "channel_unavailable": _("No SMS can be sent at the moment."),
    "chat_closed": _("This trade ended too long ago to go on writing."),
    "chat_full": _("You have written as many messages here as one can."),
    "code_invalid": _("This code is wrong, used, or too old. Ask for a new one."),
    "delivery_under_way": _("This is tried again anyway."),
    "dispute_closed": _("This dispute is closed."),
    "email_not_verified": _("Please confirm your e-mail address first. A new code is on its way to you."),
    "email_taken": _("There is an account with this e-mail already. Log in instead?"),
    "feedback_given": _("You have rated this trade already."),
    "file_refused": _("Send a picture (JPEG, PNG, WebP) or a PDF."),
    "file_too_large": _("This file is too large."),
    "file_unreadable": _("This file is damaged, or holds more than a plain picture or document."),
    "idempotency_in_progress": _("This is being done already. Wait a moment."),
    "insufficient_funds": _("You don't have enough: %(available)s USDT are available."),
    "kyc_pending": _("Your documents are still being looked at."),
    "limit_exceeded": _("This is more than your limit for today allows. %(remaining)s USDT are left."),
    "login_locked": _("Too many attempts. Wait a moment, or reset your password by e-mail."),
    "market_halted": _("This market is closed for the moment."),
    "money_request_wrong_status": _("This was decided meanwhile."),
    "network_unavailable": _("This network is not available here."),
    "no_reference": _("The market has no fresh reference at the moment, which a floating price follows."),
    "not_found": _("There is nothing here, or it isn't yours."),
    "not_your_dispute": _("Only who opened the dispute can withdraw it."),
    "not_your_step": _("This step is the other side's."),
    "notice_locked": _("This notice can't be switched off."),
    "offer_changed": _("This offer has just changed. Look at it again."),
    "offer_incompatible": _("The offer doesn't take this amount or this payment method."),
    "offer_paused": _("The trader has taken this offer out of the book for a while."),
    "order_not_live": _("This order is over: filled, cancelled, or its time is up."),
    "otp_invalid": _("This code is wrong, or was used before. Wait for the next one."),
    "otp_locked": _("Too many wrong codes. Wait a moment."),
    "otp_required": _("Enter a code of your second factor."),
    "own_account": _("This is yourself."),
    "own_offer": _("This is your own offer."),
    "passkey_refused": _("This passkey was not accepted."),
    "payment_cap_exceeded": _("With this payment method one order may have %(max_amount)s USDT at most."),
    "permission_denied": _("You may not do this."),
    "phone_code_invalid": _("This code is wrong or too old."),
    "price_not_on_tick": _("Prices here come in steps of %(tick_size)s."),
    "requirements_not_met": _("This offer is for people with more to show; it says what it asks."),
    "throttled": _("That was a bit too fast. Wait a moment, then try again."),
    "ticket_closed": _("This ticket is closed. Write a new one."),
    "ticket_not_closed": _("You can rate it when it is closed."),
    "ticket_rated": _("You have rated this already."),
    "too_many_api_keys": _("You have as many keys as one may have. Revoke one first."),
    "too_many_messages": _("You have written as many messages here as one can."),
    "too_many_orders": _("You have as many orders as one may have. Cancel one first."),
    "too_many_passkeys": _("You have as many passkeys as one may have. Remove one first."),
    "too_many_payment_accounts": _("You have as many accounts as one may have. Forget one first."),
    "too_many_phone_codes": _("Too many codes for today. Try again tomorrow."),
    "too_many_relations": _("This list is full; take somebody off it first."),
    "too_many_statements": _("You have written as often as one can in a dispute."),
    "too_many_tickets": _("You have as many open tickets as one may have. Close one, or write on in it."),
    "too_many_webhooks": _("You have as many webhooks as one may have. Delete one first."),
    "trade_wrong_status": _("The trade has moved on meanwhile. This is how it is now."),
    "trader_blocked": _("You have blocked this trader. Unblock him first."),
    "trading_paused": _("You can't place orders for a while, because too many of your trades failed."),
    "two_factor_off": _("The second factor is not on, or was not set up yet."),
    "two_factor_on": _("The second factor is on already."),
    "webhook_not_active": _("The webhook is not on."),
    "withdrawal_held": _("Of this, %(held)s USDT can't leave yet; %(withdrawable)s USDT can be withdrawn now."),
    "withdrawals_held": _(
        "Withdrawals are held for a while, because something that protects your account was changed."
    ),
    "wrong_password": _("This is not your current password."),
}


_AMOUNTS: Final = (
    "available",
    "filled",
    "held",
    "limit",
    "lot_size",
    "max_amount",
    "min_amount",
    "remaining",
    "used",
    "withdrawable",
)


def told(error: DomainError) -> str:
    """A refusal for its reader; what nobody has written a text for is told in the API's words (`iqx.web.details`)."""
    text = TEXTS.get(error.code)
    if text is None:
        return gettext(error.detail)
    try:
        return str(text) % _facts(error.extra)
    except KeyError:
        return str(WITHOUT_FACTS.get(error.code) or gettext(error.detail))


def _facts(extra: Mapping[str, Any]) -> dict[str, Any]:
    """What a refusal carries, with amounts as its reader writes them."""
    facts = dict(extra)
    if "remaining" not in facts and {"limit", "used"} <= facts.keys():
        facts["remaining"] = str(max(Decimal(facts["limit"]) - Decimal(facts["used"]), ZERO))
    return {name: _written(value) if name in _AMOUNTS else value for name, value in facts.items()}


def _written(value: object) -> object:
    try:
        return numbers.usdt(Decimal(str(value)))
    except InvalidOperation:  # a name that is used for something else there
        return value
