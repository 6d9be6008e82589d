from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import User
from support import services
from support.models import Ticket, TicketMessage
from support.services import answer_ticket, close_own_ticket
from tests.support.conftest import everything

pytestmark = pytest.mark.django_db

LIST = "admin:support_ticket_changelist"


def pages_of(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def answer(client: Client, ticket: Ticket, body: str) -> str:
    """Fill in the empty form below the conversation, and return the page that follows."""
    written = list(ticket.messages.values_list("pk", flat=True))
    form = {
        "messages-TOTAL_FORMS": str(len(written) + 1),
        "messages-INITIAL_FORMS": str(len(written)),
        **{f"messages-{number}-id": str(key) for number, key in enumerate(written)},
        f"messages-{len(written)}-body": body,
    }
    page = client.post(reverse("admin:support_ticket_change", args=[ticket.pk]), form, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def test_staff_read_the_conversation(staff: User, ticket: Ticket, user: User) -> None:
    client = pages_of(staff)
    page = client.get(reverse(LIST), {"q": user.email}).content.decode()
    assert ticket.subject in page
    page = client.get(reverse("admin:support_ticket_change", args=[ticket.pk])).content.decode()
    assert "I sent 100 USDT." in page
    assert 'name="messages-1-body"' in page
    assert client.get(reverse("admin:support_ticketmessage_changelist"), {"q": "100"}).status_code == 200


def test_staff_answer_below_the_conversation(staff: User, ticket: Ticket) -> None:
    answer(pages_of(staff), ticket, "Which network?")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("waiting_user", staff)
    written = TicketMessage.objects.get(from_staff=True)
    assert (written.author, written.body) == (staff, "Which network?")
    assert LogEntry.objects.count() == 1


def test_an_empty_answer_is_none(staff: User, ticket: Ticket) -> None:
    before = everything()
    answer(pages_of(staff), ticket, "")
    assert everything() == before


def test_a_closed_ticket_offers_no_answer(staff: User, ticket: Ticket, user: User) -> None:
    close_own_ticket(ticket_id=ticket.id, user=user)
    client = pages_of(staff)
    page = client.get(reverse("admin:support_ticket_change", args=[ticket.pk])).content.decode()
    assert 'name="messages-1-body"' not in page
    before = everything()
    answer(client, ticket, "Too late")
    assert everything() == before


def test_an_answer_that_comes_too_late_says_so(staff: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ticket is closed between the page's check and the use case."""

    def close_first(**arguments: Any) -> Ticket:
        close_own_ticket(ticket_id=ticket.pk, user=ticket.user)
        return answer_ticket(**arguments)

    monkeypatch.setattr(services, "answer_ticket", close_first)
    assert "The ticket is closed" in answer(pages_of(staff), ticket, "Too late")
    assert ticket.messages.count() == 1
    assert not LogEntry.objects.filter(change_message__contains="added").exists()


def test_what_was_written_cannot_be_rewritten(staff: User, ticket: Ticket) -> None:
    before = everything()
    form = {
        "messages-TOTAL_FORMS": "1",
        "messages-INITIAL_FORMS": "1",
        "messages-0-id": str(ticket.messages.get().pk),
        "messages-0-body": "I sent 200 USDT.",
    }
    pages_of(staff).post(reverse("admin:support_ticket_change", args=[ticket.pk]), form)
    assert everything() == before


def test_nothing_else_can_be_edited(staff: User, ticket: Ticket) -> None:
    client = pages_of(staff)
    before = everything()
    form = {
        "messages-TOTAL_FORMS": "0",
        "messages-INITIAL_FORMS": "0",
        "subject": "Nothing",
        "status": "closed",
        "category": "other",
    }
    assert client.post(reverse("admin:support_ticket_change", args=[ticket.pk]), form).status_code == 302
    assert client.get(reverse("admin:support_ticket_add")).status_code == 403
    assert client.post(reverse("admin:support_ticket_delete", args=[ticket.pk]), {"post": "yes"}).status_code == 403
    assert everything() == before


def test_staff_close_tickets(staff: User, ticket: Ticket) -> None:
    client = pages_of(staff)
    body = {"action": "close", "_selected_action": str(ticket.pk), "reason": "It is done."}
    assert "done." in client.post(reverse(LIST), body, follow=True).content.decode()
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    assert "The ticket is closed" in client.post(reverse(LIST), body, follow=True).content.decode()
