"""Use cases of tickets. Each locks the ticket, then its owner's stream, where `ticket_updated` goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from accounts.staff import require_member, require_staff
from iqx.core import audit, clock, events, files, jobs, rounds
from iqx.core.errors import Invalid, NotFound
from iqx.core.files import Received
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case
from orders.models import Order
from support.errors import TicketClosed, TicketNotClosed, TicketRated, TooManyMessages, TooManyTickets
from support.events import ticket_updated
from support.models import Ticket, TicketFile, TicketMessage
from trades.selectors import trades_of

MESSAGES_OF_USER: Final = 50
PURPOSE: Final = "ticket"

Closer = Ticket.Closer
Status = Ticket.Status

OWNER: Final = {Status.OPEN: "staff", Status.WAITING_STAFF: "staff", Status.WAITING_USER: "user"}
"""Who has to speak next in each live status; `TICKET_CLOCKS` says how soon."""


@use_case
def open_ticket(
    *,
    user: User,
    subject: str,
    category: str,
    body: str,
    trade: UUID | None = None,
    order: UUID | None = None,
    received: Sequence[Received] = (),
) -> Ticket:
    """Ask staff something, perhaps about a trade or an order of one's own.

    Locks: the user. Raises: Invalid, TooManyTickets, Busy. Emits: ticket_updated.
    """
    lock(LockRank.ACCOUNT, User.objects.filter(pk=user.pk))
    if Ticket.objects.filter(user=user, status__in=Ticket.LIVE).count() >= settings.MAX_OPEN_TICKETS:
        raise TooManyTickets(limit=settings.MAX_OPEN_TICKETS)
    _require_own(user, trade, order)
    ticket = Ticket.objects.create(
        user=user,
        subject=subject,
        category=category,
        trade_id=trade,
        order_id=order,
        due_at=_due_at(Status.OPEN),
        created_at=clock.now(),
    )
    _write(ticket, user, body, received, from_staff=False)
    events.append([ticket_updated(ticket)])
    return ticket


@use_case
def reply(*, ticket_id: UUID, user: User, body: str, received: Sequence[Received] = ()) -> Ticket:
    """Write on in one's own ticket, which then waits for staff; for some days this opens a closed one again.

    Raises: NotFound, TicketClosed, TooManyMessages, Busy. Emits: ticket_updated.
    """
    ticket = _lock(Ticket.objects.filter(user=user), ticket_id)
    if ticket.status == Status.CLOSED and not can_be_reopened(ticket):
        raise TicketClosed
    if ticket.messages.filter(from_staff=False).count() >= MESSAGES_OF_USER:
        raise TooManyMessages(limit=MESSAGES_OF_USER)
    _write(ticket, user, body, received, from_staff=False)
    _change(ticket, Status.WAITING_STAFF)
    return ticket


@use_case
def answer_ticket(*, ticket_id: UUID, actor: User, body: str, received: Sequence[Received] = ()) -> Ticket:
    """Answer as staff; the ticket then waits for its owner. Who answers first is its assignee, if nobody was assigned.

    Raises: NotAllowed, NotFound, TicketClosed, Busy. Emits: ticket_updated.
    """
    require_staff(actor)
    ticket = _lock_live(Ticket.objects.all(), ticket_id)
    ticket.assignee = ticket.assignee or actor
    _write(ticket, actor, body, received, from_staff=True)
    _write_down("ticket_answered", actor, ticket, "", files=len(received))
    _change(ticket, Status.WAITING_USER)
    return ticket


@use_case
def assign_ticket(*, ticket_id: UUID, actor: User, assignee: User | None = None, reason: str = "") -> Ticket:
    """Give a live ticket to a member of staff, oneself by default; nothing changes for its owner.

    Raises: NotAllowed, NotFound, TicketClosed, Busy.
    """
    require_staff(actor)
    require_member(assignee or actor)
    ticket = _lock_live(Ticket.objects.all(), ticket_id)
    ticket.assignee = assignee or actor
    ticket.save(update_fields=["assignee"])
    _write_down("ticket_assigned", actor, ticket, reason, assignee=ticket.assignee.pk)
    return ticket


@use_case
def close_own_ticket(*, ticket_id: UUID, user: User) -> Ticket:
    """Close one's own ticket. Raises: NotFound, TicketClosed, Busy. Emits: ticket_updated."""
    return _close(_lock_live(Ticket.objects.filter(user=user), ticket_id), Closer.USER)


@use_case
def close_ticket(*, ticket_id: UUID, actor: User, reason: str = "") -> Ticket:
    """Close any ticket, as staff. Raises: NotAllowed, NotFound, TicketClosed, Busy. Emits: ticket_updated."""
    require_staff(actor)
    ticket = _lock_live(Ticket.objects.all(), ticket_id)
    _write_down("ticket_closed", actor, ticket, reason)
    return _close(ticket, Closer.STAFF)


@use_case
def rate_ticket(*, ticket_id: UUID, user: User, rating: int, comment: str = "") -> Ticket:
    """Say, once, how satisfied one is with one's closed ticket.

    Raises: NotFound, TicketNotClosed, TicketRated, Busy. Emits: ticket_updated.
    """
    ticket = _lock(Ticket.objects.filter(user=user), ticket_id)
    if ticket.status != Status.CLOSED:
        raise TicketNotClosed
    if ticket.rating is not None:
        raise TicketRated
    ticket.rating, ticket.rating_comment, ticket.rated_at = rating, comment, clock.now()
    _change(ticket, Status.CLOSED)
    return ticket


def tend_tickets(limit: int = 100) -> int:
    """Page staff about tickets that they owe an answer; close those whose owner fell silent. How many there were."""
    due = Ticket.objects.filter(due_at__lte=clock.now())
    return rounds.each(list(due.order_by("due_at").values_list("pk", flat=True)[:limit]), _tend)


@use_case
def _tend(ticket_id: UUID) -> bool:
    """Emits: ticket_updated, of a ticket that is closed."""
    due = Ticket.objects.filter(pk=ticket_id, due_at__lte=clock.now()).select_related("user", "assignee")
    claimed = lock(LockRank.TICKET, due, skip_locked=True)
    for ticket in claimed:
        if OWNER[Status(ticket.status)] == "user":
            _close(ticket, Closer.SYSTEM)
        else:
            ticket.due_at = _due_at(Status(ticket.status))
            ticket.save(update_fields=["due_at"])
            jobs.defer("support.page_staff", ticket_id=str(ticket.id))
    return bool(claimed)


def _due_at(status: Ticket.Status) -> datetime:
    return clock.now() + timedelta(seconds=settings.TICKET_CLOCKS[OWNER[status]])


def can_be_reopened(ticket: Ticket) -> bool:
    """Who closed his ticket himself was done with it."""
    until = timedelta(seconds=settings.TICKET_CLOCKS["reopen"])
    return ticket.closed_by != Closer.USER and ticket.closed_at is not None and ticket.closed_at + until > clock.now()


def _require_own(user: User, trade: UUID | None, order: UUID | None) -> None:
    if trade and not trades_of(user.pk).filter(pk=trade).exists():
        raise Invalid("You have no such trade.", field="trade")
    if order and not Order.objects.filter(pk=order, owner=user).exists():
        raise Invalid("You have no such order.", field="order")


def _write_down(action: str, actor: User, ticket: Ticket, reason: str, **after: object) -> None:
    audit.record(action, actor=actor, subject=ticket, user_id=ticket.user_id, after=after, reason=reason)


def _lock(tickets: QuerySet[Ticket], ticket_id: UUID) -> Ticket:
    ticket = lock_one(LockRank.TICKET, tickets.filter(pk=ticket_id).select_related("user", "assignee"))
    if ticket is None:
        raise NotFound
    return ticket


def _lock_live(tickets: QuerySet[Ticket], ticket_id: UUID) -> Ticket:
    ticket = _lock(tickets, ticket_id)
    if ticket.status == Status.CLOSED:
        raise TicketClosed
    return ticket


def _close(ticket: Ticket, closer: Ticket.Closer) -> Ticket:
    ticket.closed_at, ticket.closed_by = clock.now(), closer
    _change(ticket, Status.CLOSED)
    return ticket


def _write(ticket: Ticket, author: User, body: str, received: Sequence[Received], *, from_staff: bool) -> None:
    message = TicketMessage.objects.create(
        ticket=ticket, author=author, from_staff=from_staff, body=body, at=clock.now()
    )
    for item in received:
        stored = files.keep(item, owner_id=author.pk, purpose=PURPOSE)
        TicketFile.objects.create(message=message, file=stored)


def _change(ticket: Ticket, status: Ticket.Status) -> None:
    """Save a locked ticket, with the time of who speaks next, and tell its owner."""
    ticket.status = status
    if status == Status.CLOSED:
        ticket.due_at = None
    else:
        ticket.due_at = _due_at(status)
        ticket.closed_at = ticket.closed_by = None
    ticket.version += 1
    ticket.save()
    events.append([ticket_updated(ticket)])
