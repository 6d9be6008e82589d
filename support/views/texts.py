"""What tickets' pages call states and subjects, in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from support.models import Ticket

STATES: Final[dict[str, Promise]] = {
    Ticket.Status.OPEN: _("Waiting for staff"),
    Ticket.Status.WAITING_STAFF: _("Waiting for staff"),
    Ticket.Status.WAITING_USER: _("Answered"),
    Ticket.Status.CLOSED: _("Closed"),
}

TONES: Final[dict[str, str]] = {
    Ticket.Status.OPEN: "wait",
    Ticket.Status.WAITING_STAFF: "wait",
    Ticket.Status.WAITING_USER: "info",
    Ticket.Status.CLOSED: "plain",
}

CATEGORIES: Final[dict[str, Promise]] = {
    Ticket.Category.TRADE: _("A trade or an order"),
    Ticket.Category.DEPOSIT: _("A deposit"),
    Ticket.Category.WITHDRAWAL: _("A withdrawal"),
    Ticket.Category.VERIFICATION: _("Verification"),
    Ticket.Category.ACCOUNT: _("My account"),
    Ticket.Category.SECURITY: _("Security, or something strange"),
    Ticket.Category.OTHER: _("Something else"),
}
