"""Tickets: one's own, a new one, and the conversation in one."""

from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iqx.core import files
from iqx.core.errors import Invalid
from iqx.web.files import FilesField
from iqx.web.lists import listed
from iqx.web.members import MemberForm, MemberPage
from iqx.web.pages import ActionPage, Context, go
from support import services
from support.models import Ticket
from support.selectors import get_ticket, tickets_of
from support.views.texts import CATEGORIES, STATES, TONES
from trades.models import Trade
from trades.selectors import trades_of

_FILES: dict[str, str] = {
    "file_refused": "attachments",
    "file_unreadable": "attachments",
    "file_too_large": "attachments",
}
_TRADES_SHOWN = 20


class TicketsPage(MemberPage):
    template = "support/tickets.html"
    parts: ClassVar = {"tickets": "support/parts/tickets.html"}

    def title(self) -> str:
        return _("Support")

    def part_tickets(self) -> Context:
        tickets = listed(self.request, tickets_of(self.member.pk))
        return {"tickets": tickets, "states": STATES, "tones": TONES, "categories": CATEGORIES}


class MessageForm(forms.Form):
    body = forms.CharField(max_length=5000, label=gettext_lazy("Message"), widget=forms.Textarea(attrs={"rows": 5}))
    attachments = FilesField(required=False, label=gettext_lazy("Pictures or PDF"))


class NewTicketForm(MessageForm):
    category = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=list(CATEGORIES.items()))
    trade = forms.ChoiceField(required=False, label=gettext_lazy("Which trade?"))
    subject = forms.CharField(max_length=200, label=gettext_lazy("In a few words"))
    field_order = ["category", "trade", "subject", "body", "attachments"]

    def __init__(self, *args: Any, trades: list[Trade], **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        choices = [(str(trade.pk), f"{trade.reference} · {trade.market_id}") for trade in trades]
        self.fields["trade"].choices = [("", _("None")), *choices]  # type: ignore[attr-defined]
        if not trades:
            del self.fields["trade"]


class NewTicketPage(MemberForm):
    template = "support/new.html"
    at: ClassVar = _FILES

    def title(self) -> str:
        return _("Write to support")

    def make_form(self) -> forms.Form:
        trades = list(trades_of(self.member.pk).order_by("-id")[:_TRADES_SHOWN])
        asked = {name: self.request.GET[name] for name in ("category", "trade") if name in self.request.GET}
        if self.request.method == "POST":
            return NewTicketForm(self.request.POST, self.request.FILES, trades=trades)
        return NewTicketForm(initial={"category": Ticket.Category.TRADE} | asked, trades=trades)

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        trade = given.get("trade")
        ticket = services.open_ticket(
            user=self.member,
            subject=given["subject"],
            category=given["category"],
            body=given["body"],
            trade=UUID(trade) if trade else None,
            received=[files.receive(upload) for upload in given["attachments"]],
        )
        messages.success(self.request, _("Sent. We answer here, and tell you when we have."))
        return go("web:ticket", ticket_id=ticket.pk)


class TicketPage(MemberForm):
    template = "support/ticket.html"
    form_class = MessageForm
    parts: ClassVar = {"talk": "support/parts/talk.html"}
    at: ClassVar = _FILES

    @cached_property
    def ticket(self) -> Ticket:
        return get_ticket(ticket_id=self.kwargs["ticket_id"], user_id=self.member.pk)

    def title(self) -> str:
        return self.ticket.subject

    def frame(self) -> Context:
        return super().frame() | {"ticket": self.ticket}

    def context(self) -> Context:
        ticket = self.ticket
        closed = ticket.status == Ticket.Status.CLOSED
        return super().context() | {
            "closed": closed,
            "can_write": not closed or services.can_be_reopened(ticket),
            "can_rate": closed and ticket.rating is None,
        }

    def part_talk(self) -> Context:
        ticket = self.ticket
        talk = [
            (message, [files.file_json(each.file) for each in message.files.all()]) for message in ticket.messages.all()
        ]
        return {"talk": talk, "states": STATES, "tones": TONES, "categories": CATEGORIES}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        ticket = self.ticket  # before anybody's files are looked into
        given = form.cleaned_data
        received = [files.receive(upload) for upload in given["attachments"]]
        services.reply(ticket_id=ticket.pk, user=self.member, body=given["body"], received=received)
        return go(resolve_url("web:ticket", ticket_id=ticket.pk) + "#last")


class TicketAction(ActionPage):
    def next_page(self) -> str:
        return resolve_url("web:ticket", ticket_id=self.kwargs["ticket_id"])


class CloseTicket(TicketAction):
    def act(self) -> str:
        services.close_own_ticket(ticket_id=self.kwargs["ticket_id"], user=self.member)
        return _("The ticket is closed.")


class RatingForm(forms.Form):
    rating = forms.TypedChoiceField(coerce=int, choices=[(number, number) for number in range(5, 0, -1)])
    comment = forms.CharField(required=False, max_length=1000)


class RateTicket(TicketAction):
    def act(self) -> str:
        form = RatingForm(self.request.POST)
        if not form.is_valid():
            raise Invalid(_("Choose one to five stars."), field="rating")
        services.rate_ticket(ticket_id=self.kwargs["ticket_id"], user=self.member, **form.cleaned_data)
        return _("Thank you. It helps us to serve better.")
