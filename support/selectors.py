"""Reads: one's own tickets, and all of them for staff."""

from uuid import UUID

from django.db.models import QuerySet

from iqx.core.errors import NotFound
from support.models import Ticket


def tickets_of(user_id: UUID) -> QuerySet[Ticket]:
    return Ticket.objects.filter(user_id=user_id).prefetch_related("messages")


def get_ticket(*, ticket_id: UUID, user_id: UUID) -> Ticket:
    """A ticket of one's own. Raises NotFound, for a stranger's too."""
    return _the_one(tickets_of(user_id), ticket_id)


def all_tickets() -> QuerySet[Ticket]:
    """For staff: with the persons."""
    return Ticket.objects.select_related("user", "assignee").prefetch_related("messages")


def get_any_ticket(ticket_id: UUID) -> Ticket:
    """For staff. Raises NotFound."""
    return _the_one(all_tickets(), ticket_id)


def _the_one(tickets: QuerySet[Ticket], ticket_id: UUID) -> Ticket:
    ticket = tickets.filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket
