"""Use cases of tickets. Each locks the ticket, then its owner's stream, where `ticket_updated` goes."""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from iqx.core import clock, events
from iqx.core.errors import NotAllowed, NotFound
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from support.errors import TicketClosed, TooManyMessages
from support.events import ticket_updated
from support.models import Ticket, TicketMessage

MESSAGES_OF_USER: Final = 50


@use_case
def open_ticket(*, user: User, subject: str, category: str, body: str) -> Ticket:
    """Ask staff something. Emits: ticket_updated."""
    ticket = Ticket.objects.create(user=user, subject=subject, category=category, created_at=clock.now())
    _write(ticket, user, body, from_staff=False)
    events.append([ticket_updated(ticket)])
    return ticket


@use_case
def reply(*, ticket_id: UUID, user: User, body: str) -> Ticket:
    """Write on in one's own ticket, which then waits for staff.

    Raises: NotFound, TicketClosed, TooManyMessages, Busy. Emits: ticket_updated.
    """
    ticket = _lock_live(Ticket.objects.filter(user=user), ticket_id)
    if ticket.messages.filter(from_staff=False).count() >= MESSAGES_OF_USER:
        raise TooManyMessages(limit=MESSAGES_OF_USER)
    _write(ticket, user, body, from_staff=False)
    _change(ticket, Ticket.Status.WAITING_STAFF)
    return ticket


@use_case
def answer_ticket(*, ticket_id: UUID, actor: User, body: str) -> Ticket:
    """Answer as staff; the ticket then waits for its owner. Who answers first is its assignee.

    Raises: NotAllowed, NotFound, TicketClosed, Busy. Emits: ticket_updated.
    """
    _require_staff(actor)
    ticket = _lock_live(Ticket.objects.all(), ticket_id)
    ticket.assignee = ticket.assignee or actor
    _write(ticket, actor, body, from_staff=True)
    _change(ticket, Ticket.Status.WAITING_USER)
    return ticket


@use_case
def close_own_ticket(*, ticket_id: UUID, user: User) -> Ticket:
    """Close one's own ticket. Raises: NotFound, TicketClosed, Busy. Emits: ticket_updated."""
    return _close(_lock_live(Ticket.objects.filter(user=user), ticket_id))


@use_case
def close_ticket(*, ticket_id: UUID, actor: User) -> Ticket:
    """Close any ticket, as staff. Raises: NotAllowed, NotFound, TicketClosed, Busy. Emits: ticket_updated."""
    _require_staff(actor)
    return _close(_lock_live(Ticket.objects.all(), ticket_id))


def _require_staff(person: User) -> None:
    if not person.is_staff:
        raise NotAllowed


def _lock_live(tickets: QuerySet[Ticket], ticket_id: UUID) -> Ticket:
    ticket = lock_one(LockRank.TICKET, tickets.filter(pk=ticket_id).select_related("user", "assignee"))
    if ticket is None:
        raise NotFound
    if ticket.status == Ticket.Status.CLOSED:
        raise TicketClosed
    return ticket


def _close(ticket: Ticket) -> Ticket:
    ticket.closed_at = clock.now()
    _change(ticket, Ticket.Status.CLOSED)
    return ticket


def _write(ticket: Ticket, author: User, body: str, *, from_staff: bool) -> None:
    TicketMessage.objects.create(ticket=ticket, author=author, from_staff=from_staff, body=body, at=clock.now())


def _change(ticket: Ticket, status: Ticket.Status) -> None:
    """Save a locked ticket and tell its owner."""
    ticket.status = status
    ticket.version += 1
    ticket.save(update_fields=["status", "assignee", "closed_at", "version"])
    events.append([ticket_updated(ticket)])
