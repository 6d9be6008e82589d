"""What should have moved on and did not.

*Stuck* is what the platform owes by itself: a deadline that the worker should have enforced, an order that should have
been matched. It means a fault. *Overdue* is what staff owe. The tables are those of the deadlines and owners of every
state that isn't final (`tests/architecture/test_owners.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.duties import duties
from disputes.models import Dispute
from iqx.core import clock, maintenance
from iqx.core.models import Outage
from orders.models import Market, Order
from support.models import Ticket
from trades.models import Trade

PATIENCE: Final = timedelta(minutes=2)
"""How long the worker may take to enforce a deadline."""
SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits, and since when it should not."""

    kind: str
    id: UUID | int
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of a kind that wait although `column` has passed."""

    name: str
    rows: QuerySet[Any]
    column: str

    @property
    def count(self) -> int:
        return self.rows.count()

    def waiting(self) -> Iterable[Waiting]:
        found = self.rows.order_by(self.column).values_list("pk", self.column)[:SHOWN]
        states = dict(self.rows.order_by(self.column).values_list("pk", "status")[:SHOWN]) if self._has_status else {}
        return [Waiting(self.name, pk, states.get(pk, ""), since) for pk, since in found]

    @property
    def _has_status(self) -> bool:
        return any(field.name == "status" for field in self.rows.model._meta.get_fields())


def stuck() -> list[Kind]:
    """What the platform owes. Nothing is, while people can't act: clocks stand still then."""
    if maintenance.under_way():
        return []
    late = clock.now() - PATIENCE
    return [
        Kind("trade", Trade.objects.filter(deadline__lte=late), "deadline"),
        Kind("dispute", Dispute.objects.filter(status__in=Dispute.LIVE, staff_due_at__lte=late), "staff_due_at"),
        Kind(
            "order",
            Order.objects.filter(
                status=Order.Status.PENDING, market__status=Market.Status.TRADING, created_at__lte=late
            ),
            "created_at",
        ),
        Kind("outage", Outage.objects.filter(made_good_at=None, ended_at__lte=late), "ended_at"),
        Kind("ticket", _tickets(due_at__lte=late).filter(status=Ticket.Status.WAITING_USER), "due_at"),
    ]


def overdue() -> list[Kind]:
    """What staff owe."""
    now = clock.now()
    owed = [Kind(duty.code, duty.rows.filter(due_at__lte=now), "due_at") for duty in duties()]
    tickets = _tickets(due_at__lte=now).exclude(status=Ticket.Status.WAITING_USER)
    return [*owed, Kind("ticket", tickets, "due_at")]


def _tickets(**when: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.filter(Q(**when)).exclude(status=Ticket.Status.CLOSED)
