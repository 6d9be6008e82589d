"""What disputes' pages call states, steps and outcomes, in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from disputes.models import Dispute, DisputeEntry

STATES: Final[dict[str, Promise]] = {
    Dispute.Status.OPEN: _("Waiting for staff"),
    Dispute.Status.IN_REVIEW: _("Staff look at it"),
    Dispute.Status.RESOLVED: _("Decided"),
    Dispute.Status.WITHDRAWN: _("Withdrawn"),
}

TONES: Final[dict[str, str]] = {
    Dispute.Status.OPEN: "wait",
    Dispute.Status.IN_REVIEW: "info",
    Dispute.Status.RESOLVED: "good",
    Dispute.Status.WITHDRAWN: "plain",
}

OUTCOMES: Final[dict[str, Promise]] = {
    Dispute.Resolution.RELEASE: _("The USDT went to the buyer."),
    Dispute.Resolution.REFUND: _("The USDT went back to the seller."),
    Dispute.Resolution.SPLIT: _("The USDT were shared."),
}

FINDINGS: Final[dict[str, Promise]] = {
    Dispute.Finding.BUYER: _("Staff found the buyer to be right."),
    Dispute.Finding.SELLER: _("Staff found the seller to be right."),
    Dispute.Finding.NEITHER: _("Staff found neither side to be right."),
}

_Action = DisputeEntry.Action
ACTIONS: Final[dict[str, Promise]] = {
    _Action.OPENED: _("opened the dispute"),
    _Action.STATEMENT: _("wrote"),
    _Action.ASSIGNED: _("took the dispute up"),
    _Action.REASSIGNED: _("The dispute was given to somebody else, since nothing was done."),
    _Action.COMMENT: _("wrote"),
    _Action.WARNED: _("A reminder was sent: the time to answer is nearly up."),
    _Action.SILENT: _("There was no answer in time; staff decide by what they have."),
    _Action.WITHDRAWN: _("withdrew the dispute"),
    _Action.RESOLVED: _("decided"),
}
