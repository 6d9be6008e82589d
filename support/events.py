from iqx.core.events import NewEvent, user_stream
from support.models import Ticket
from support.representations import ticket_json


def ticket_updated(ticket: Ticket) -> NewEvent:
    return NewEvent(user_stream(ticket.user_id), "ticket_updated", ticket_json(ticket))
