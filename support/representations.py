"""The one form of tickets, for REST and events alike."""

from typing import Any

from accounts.representations import public_user_json
from iqx.core.clock import rfc3339, rfc3339_or_none
from support.models import Ticket, TicketMessage


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as its owner sees it."""
    return {
        "id": str(ticket.id),
        "subject": ticket.subject,
        "category": ticket.category,
        "status": ticket.status,
        "messages": [message_json(message) for message in ticket.messages.all()],
        "created_at": rfc3339(ticket.created_at),
        "closed_at": rfc3339_or_none(ticket.closed_at),
        "version": ticket.version,
    }


def message_json(message: TicketMessage) -> dict[str, Any]:
    return {"from_staff": message.from_staff, "body": message.body, "at": rfc3339(message.at)}


def staff_ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as staff see it. `user` and `assignee` must be loaded."""
    return ticket_json(ticket) | {
        "user": public_user_json(ticket.user),
        "assignee": public_user_json(ticket.assignee) if ticket.assignee else None,
    }
