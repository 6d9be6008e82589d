"""Whatever isn't final has a deadline and an owner. A new kind of thing that waits for somebody adds a row here."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model, TextChoices

from accounts.duties import call_to_overdue
from accounts.kyc.services import submit_kyc
from accounts.models import Approval, Flag, KycSubmission, Owed, User
from disputes.models import Dispute
from disputes.services import open_dispute
from iqx.core.events import events_since, user_stream
from support.models import Ticket
from support.services import OWNER as TICKET_OWNER
from support.services import open_ticket
from tests.e2e.world import PAPERS, flag
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock, make_market, make_trader, trade_between
from tests.factories.trading import moved_clock
from tests.factories.wallets import fund, withdraw
from trades.escrow import OWNER as TRADE_OWNER
from trades.models import Trade
from wallets.models import (
    Adjustment,
    AdjustmentStatus,
    Deposit,
    DepositStatus,
    Withdrawal,
    WithdrawalStatus,
)
from wallets.services import request_adjustment

__all__ = ["moved_clock"]

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Kind:
    """Something with states: who owes the next step in each that isn't final, and the column that says until when."""

    model: type[Model]
    statuses: type[TextChoices]
    final: Collection[str]
    owners: Collection[str]
    due: str


# Of all but trades and tickets staff are the owner: of a dispute who is assigned, or else whoever reads
# IQX_STAFF_EMAIL; of the others those whom `accounts.duties` calls.
KINDS = [
    Kind(Trade, Trade.Status, {"released", "cancelled", "refunded", "split"}, TRADE_OWNER, "deadline"),
    Kind(Dispute, Dispute.Status, {"resolved", "withdrawn"}, Dispute.LIVE, "staff_due_at"),
    Kind(Flag, Flag.Status, {"cleared", "confirmed"}, {"open"}, "due_at"),
    Kind(KycSubmission, KycSubmission.Status, {"verified", "rejected"}, {"pending"}, "due_at"),
    Kind(Deposit, DepositStatus, set(Deposit.FINAL), {"pending"}, "due_at"),
    Kind(Withdrawal, WithdrawalStatus, set(Withdrawal.FINAL), {"pending", "approved", "sent"}, "due_at"),
    Kind(Adjustment, AdjustmentStatus, {"approved", "rejected", "dropped"}, {"pending"}, "due_at"),
    Kind(Approval, Approval.Status, {"approved", "refused", "expired", "dropped"}, {"pending"}, "due_at"),
    Kind(Ticket, Ticket.Status, {"closed"}, TICKET_OWNER, "due_at"),
]


@pytest.fixture
def one_of_each(db: None, settings: Any) -> None:
    make_market()
    seller, buyer = make_trader(), make_user()
    trade = trade_between(seller, buyer, status="paid")
    open_dispute(trade_id=trade.id, actor_id=buyer.id, reason="other", statement="A claim.")
    flag(buyer, trade.id)
    open_ticket(user=buyer, subject="Help", category="other", body="Please.")
    submit_kyc(user_id=buyer.pk, documents={}, **PAPERS)
    withdraw(seller, 10)
    request_adjustment(user=buyer, amount=Decimal(5), reason="A gift.", actor=make_user(role="admin"))
    settings.PRODUCTION = True  # where a deposit waits for an admin
    fund(buyer, 10)


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


# An adjustment waits as an approval, to which staff are called.
CALLED_TO = [kind for kind in KINDS if issubclass(kind.model, Owed) and kind.model is not Adjustment]


@pytest.mark.parametrize("kind", CALLED_TO, ids=name_of)
def test_staff_are_called_to_what_they_let_lie(kind: Kind, one_of_each: None, moved_clock: MovedClock) -> None:
    """Once, and then once a day until it is decided; only by what is overdue, and only those who may decide."""
    support, admin = make_user(role="support"), make_user(role="admin")
    code = kind.model.__name__.lower().removesuffix("submission")

    def calls(person: User) -> list[Any]:
        call_to_overdue()
        return [event.data for event in events_since(user_stream(person.pk), 0, 100) if event.data.get("duty") == code]

    assert calls(admin) == []
    rows: Any = kind.model._default_manager.exclude(due_at=None)
    moved_clock.time = rows.get().due_at
    (call,) = calls(admin)
    assert (call["reason"], call["count"], call["subjects"]) == ("overdue", 1, [str(rows.get().pk)])
    assert len(calls(admin)) == 1
    moved_clock.pass_by(24 * 60 * 60)
    assert len(calls(admin)) == 2
    assert len(calls(support)) == (0 if kind.model in {Deposit, Withdrawal, Approval} else 2)
    assert calls(rows.get().user) == []
