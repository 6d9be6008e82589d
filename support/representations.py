"""The one form of tickets, for REST and events alike."""

from datetime import datetime
from typing import Any

from accounts.representations import public_user_json
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.files import file_json
from support.models import CannedAnswer, Ticket, TicketMessage


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as its owner sees it."""
    return {
        "id": str(ticket.id),
        "subject": ticket.subject,
        "category": ticket.category,
        "status": ticket.status,
        "trade": str(ticket.trade_id) if ticket.trade_id else None,
        "order": str(ticket.order_id) if ticket.order_id else None,
        "messages": [message_json(message) for message in ticket.messages.all()],
        "due_at": rfc3339_or_none(ticket.due_at),
        "rating": ticket.rating,
        "rating_comment": ticket.rating_comment,
        "created_at": rfc3339(ticket.created_at),
        "closed_at": rfc3339_or_none(ticket.closed_at),
        "closed_by": ticket.closed_by,
        "version": ticket.version,
    }


def message_json(message: TicketMessage) -> dict[str, Any]:
    return {
        "from_staff": message.from_staff,
        "body": message.body,
        "files": [file_json(attached.file) for attached in message.files.all()],
        "at": rfc3339(message.at),
    }


def staff_ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as staff see it. `user` and `assignee` must be loaded."""
    answers = [message.at for message in ticket.messages.all() if message.from_staff]
    return ticket_json(ticket) | {
        "user": public_user_json(ticket.user),
        "assignee": public_user_json(ticket.assignee) if ticket.assignee else None,
        "first_answer_seconds": _seconds(ticket, answers[0] if answers else None),
        "resolution_seconds": _seconds(ticket, ticket.closed_at),
    }


def canned_json(canned: CannedAnswer) -> dict[str, Any]:
    return {"id": str(canned.id), "title": canned.title, "category": canned.category or None, "body": canned.body}


def _seconds(ticket: Ticket, until: datetime | None) -> int | None:
    return int((until - ticket.created_at).total_seconds()) if until else None
