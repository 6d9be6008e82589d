"""What the page of preferences calls notices and channels, in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iqx.notices.catalogue import Channel, Group

CHANNELS: Final[dict[str, Promise]] = {
    Channel.IN_APP: _("Here"),
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("SMS"),
    Channel.PUSH: _("Push"),
}

GROUPS: Final[dict[str, Promise]] = {
    Group.TRADES: _("Trades"),
    Group.DISPUTES: _("Disputes"),
    Group.MONEY: _("Deposits and withdrawals"),
    Group.ACCOUNT: _("Account and support"),
    Group.SECURITY: _("Security"),
    Group.STAFF: _("Staff"),
}

KINDS: Final[dict[str, Promise]] = {
    "trade_opened": _("A trade began"),
    "trade_paid": _("The buyer says that he has paid"),
    "trade_reminder": _("You are awaited to release"),
    "trade_cancel_requested": _("The seller asks to cancel"),
    "trade_cancel_rejected": _("The buyer does not agree to cancel"),
    "trade_expired": _("The time to pay is over"),
    "trade_extended": _("A deadline moved, after an outage"),
    "trade_released": _("A trade is completed"),
    "trade_cancelled": _("A trade is called off"),
    "trade_disputed": _("A dispute was opened"),
    "trade_escalated": _("A dispute was passed on to a senior"),
    "trade_refunded": _("Staff decided: refunded"),
    "trade_split": _("Staff decided: shared"),
    "trade_message": _("A message in a trade's chat"),
    "dispute_updated": _("Staff wrote in a dispute"),
    "deposit_confirmed": _("A deposit came in"),
    "deposit_rejected": _("A deposit was refused"),
    "withdrawal_requested": _("A withdrawal was asked for"),
    "withdrawal_sent": _("A withdrawal was sent"),
    "withdrawal_rejected": _("A withdrawal was refused"),
    "kyc_reviewed": _("Your documents were looked at"),
    "ticket_answered": _("Support answered"),
    "ticket_closed": _("A ticket was closed"),
    "security_alert": _("Something about your account's security"),
    "webhook_disabled": _("A webhook was switched off"),
    "staff_overdue": _("Work of staff is overdue"),
    "staff_flagged": _("A rule flagged something"),
}
