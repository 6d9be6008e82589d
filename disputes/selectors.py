"""Reads: the disputes about one's own trades, and all of them for staff."""

from uuid import UUID

from django.db.models import Q, QuerySet

from disputes.models import Dispute
from iqx.core.errors import NotFound


def disputes_of(user_id: UUID) -> QuerySet[Dispute]:
    """Those about trades that the user is a party to, whoever opened them."""
    mine = Q(trade__buyer=user_id) | Q(trade__seller=user_id)
    return Dispute.objects.filter(mine).select_related("trade").prefetch_related("timeline")


def get_dispute(*, dispute_id: UUID, user_id: UUID) -> Dispute:
    """A dispute of one's own. Raises NotFound, for a stranger's too."""
    dispute = disputes_of(user_id).filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    return dispute


def all_disputes() -> QuerySet[Dispute]:
    """For staff: with the persons."""
    related = ("trade__buyer", "trade__seller", "assignee", "resolved_by")
    return Dispute.objects.select_related(*related).prefetch_related("timeline")


def get_any_dispute(dispute_id: UUID) -> Dispute:
    """For staff. Raises NotFound."""
    dispute = all_disputes().filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    return dispute
