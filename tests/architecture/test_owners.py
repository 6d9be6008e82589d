"""Whatever isn't final has a deadline and an owner. A new kind of thing that waits for somebody adds a row here."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model, TextChoices

from accounts.models import Flag
from disputes.models import Dispute
from disputes.services import open_dispute
from support.models import Ticket
from support.services import OWNER as TICKET_OWNER
from support.services import open_ticket
from tests.e2e.world import flag
from tests.factories.accounts import make_user
from tests.factories.orders import make_market, make_trader, trade_between
from trades.escrow import OWNER as TRADE_OWNER
from trades.models import Trade

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Kind:
    """Something with states: who owes the next step in each that isn't final, and the column that says until when."""

    model: type[Model]
    statuses: type[TextChoices]
    final: Collection[str]
    owners: Collection[str]
    due: str


# Of flags and disputes staff are the owner; of a dispute who is assigned, or else whoever reads IQX_STAFF_EMAIL.
KINDS = [
    Kind(Trade, Trade.Status, {"released", "cancelled", "refunded", "split"}, TRADE_OWNER, "deadline"),
    Kind(Dispute, Dispute.Status, {"resolved", "withdrawn"}, Dispute.LIVE, "staff_due_at"),
    Kind(Flag, Flag.Status, {"cleared", "confirmed"}, {"open"}, "due_at"),
    Kind(Ticket, Ticket.Status, {"closed"}, TICKET_OWNER, "due_at"),
]


@pytest.fixture
def one_of_each(db: None) -> None:
    make_market()
    seller, buyer = make_trader(), make_user()
    trade = trade_between(seller, buyer, status="paid")
    open_dispute(trade_id=trade.id, actor_id=buyer.id, reason="other", statement="A claim.")
    flag(buyer, trade.id)
    open_ticket(user=buyer, subject="Help", category="other", body="Please.")


def name_of(kind: Kind) -> str:
    return kind.model.__name__


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_state_is_final_or_has_an_owner(kind: Kind) -> None:
    assert set(kind.owners) | set(kind.final) == set(kind.statuses.values)
    assert not set(kind.owners) & set(kind.final)


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_what_lives_has_a_deadline_and_the_database_insists(kind: Kind, one_of_each: None) -> None:
    live: Any = kind.model._default_manager.exclude(status__in=kind.final)
    assert live.exists()
    assert not live.filter(**{kind.due: None}).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        live.update(**{kind.due: None})
