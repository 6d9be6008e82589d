"""The ticket desk: the conversation, canned answers, and who has asked."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from iqx.core.errors import Invalid
from iqx.desk.views.base import DeskPage, Form
from iqx.desk.views.neighbours import after
from support import services
from support.models import Ticket
from support.representations import message_json
from support.selectors import canned_answers, get_any_ticket
from trades.models import Trade

_EARLIER = 6
_USUAL = ("It is the same as another ticket.", "It settled itself.", "Nothing was asked for.")


class TicketPage(DeskPage):
    template = "desk/ticket.html"
    queue = "tickets"
    actions = ("answer", "assign", "close")

    def context(self, ticket_id: UUID) -> dict[str, Any]:
        ticket = get_any_ticket(ticket_id)
        person = ticket.user
        mine = Q(buyer=person) | Q(seller=person)
        return {
            "title": ticket.subject,
            "ticket": ticket,
            "person": person,
            "conversation": [message_json(message) | {"at": message.at} for message in ticket.messages.all()],
            "canned": canned_answers().filter(category__in=["", ticket.category]).order_by("-category", "title"),
            "trades": Trade.objects.filter(mine).order_by("-id")[:_EARLIER],
            "others": Ticket.objects.filter(user=person).exclude(pk=ticket.pk).order_by("-id")[:_EARLIER],
            "grounds": _USUAL,
            "is_live": ticket.status in Ticket.LIVE,
            "following": after(self.queue, ticket.pk),
        }

    def answer(self, form: Form, ticket_id: UUID) -> str:
        body = form.text("body")
        if not body:
            raise Invalid("Write something.", field="body")
        services.answer_ticket(ticket_id=ticket_id, actor=self.actor, body=body)
        if "close" in form.checked("then"):
            services.close_ticket(ticket_id=ticket_id, actor=self.actor, reason="Closed with the answer.")
            return "Answered and closed; a message of the user's opens it again."
        return "Answered: the user speaks next."

    def assign(self, _form: Form, ticket_id: UUID) -> str:
        services.assign_ticket(ticket_id=ticket_id, actor=self.actor)
        return "It is yours."

    def close(self, form: Form, ticket_id: UUID) -> str:
        services.close_ticket(ticket_id=ticket_id, actor=self.actor, reason=form.reason())
        return "Closed; a message of the user's opens it again."
