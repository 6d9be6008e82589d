"""Reads: one's own tickets, and all of them for staff."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from iqx.core import clock
from iqx.core.errors import NotFound
from support.models import CannedAnswer, Ticket, TicketFile

SERVICE_SPAN: Final = timedelta(days=30)


def _messages() -> "list[str | Prefetch[Any, Any, Any]]":
    return ["messages", Prefetch("messages__files", TicketFile.objects.select_related("file"))]


def tickets_of(user_id: UUID) -> QuerySet[Ticket]:
    return Ticket.objects.filter(user_id=user_id).prefetch_related(*_messages())


def get_ticket(*, ticket_id: UUID, user_id: UUID) -> Ticket:
    """A ticket of one's own. Raises NotFound, for a stranger's too."""
    return _the_one(tickets_of(user_id), ticket_id)


def all_tickets() -> QuerySet[Ticket]:
    """For staff: with the persons."""
    return Ticket.objects.select_related("user", "assignee").prefetch_related(*_messages())


def get_any_ticket(ticket_id: UUID) -> Ticket:
    """For staff. Raises NotFound."""
    return _the_one(all_tickets(), ticket_id)


def canned_answers() -> QuerySet[CannedAnswer]:
    return CannedAnswer.objects.all()


_SERVICE = """
SELECT count(*), count(closed_at), count(rating), round(avg(rating), 2),
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - created_at))),
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - created_at)))
FROM support_ticket LEFT JOIN LATERAL (
    SELECT min(at) AS answered_at FROM support_ticketmessage WHERE ticket_id = support_ticket.id AND from_staff
) AS first ON true
WHERE created_at > %s
"""


def service() -> dict[str, Any]:
    """How staff serve: of the tickets of the last 30 days how many were closed and rated, and the medians of times."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVICE, [clock.now() - SERVICE_SPAN])
        opened, closed, rated, rating, first_answer, resolution = cursor.fetchone()
    return {
        "opened": opened,
        "closed": closed,
        "rated": rated,
        "rating": f"{rating:.2f}" if rating is not None else None,
        "first_answer_seconds": _whole(first_answer),
        "resolution_seconds": _whole(resolution),
    }


def _whole(seconds: Any) -> int | None:  # noqa: ANN401 whatever the driver makes of it
    return int(seconds) if seconds is not None else None


def _the_one(tickets: QuerySet[Ticket], ticket_id: UUID) -> Ticket:
    ticket = tickets.filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket
