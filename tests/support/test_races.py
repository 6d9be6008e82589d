"""Real threads, real commits; the race has a control that shows it happen with the row locks off."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from support import services
from support.models import Ticket
from support.services import answer_ticket, close_own_ticket
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def close_and_answer(ticket: Ticket, staff: User) -> list[str]:
    calls: list[Callable[[], Any]] = [
        lambda: close_own_ticket(ticket_id=ticket.id, user=ticket.user),
        lambda: answer_ticket(ticket_id=ticket.id, actor=staff, body="Soon"),
    ]
    return [type(result).__name__ for result in at_once(calls)]


def test_a_closed_ticket_stays_closed_under_an_answer_at_the_same_moment(ticket: Ticket, staff: User) -> None:
    closed, answered = close_and_answer(ticket, staff)
    assert (closed, answered) in {("Ticket", "Ticket"), ("Ticket", "TicketClosed")}
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    assert ticket.messages.count() == (2 if answered == "Ticket" else 1)


def test_control_without_locks_one_of_the_two_is_overwritten(
    ticket: Ticket, staff: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both change the ticket as they read it: two changes, and one version."""
    barrier = threading.Barrier(2)
    change = services._change

    def meet_and_change(*args: Any) -> None:
        barrier.wait(timeout=10)
        change(*args)

    monkeypatch.setattr(services, "_change", meet_and_change)
    assert close_and_answer(ticket, staff) == ["Ticket", "Ticket"]
    ticket.refresh_from_db()
    assert ticket.version == 2
