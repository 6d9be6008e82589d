"""What deadlines do, and what they never do."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from accounts.models import User
from iqx.core.events import NewEvent
from iqx.core.models import Event
from orders.models import Market
from tests.factories.orders import MovedClock, fresh, trade_between
from tests.factories.wallets import balance_of
from trades import clocks
from trades.clocks import advance_due_trades
from trades.escrow import Action, Actor, advance
from trades.models import Trade
from trades.services import mark_paid
from wallets.audit import audit

pytestmark = pytest.mark.django_db

PAYMENT, GRACE, RELEASE, DISPUTE = 1800, 900, 1800, 86_400
NEVER = [60 * PAYMENT] * 3


def deadline_in(trade: Trade, moved_clock: MovedClock) -> int:
    deadline = fresh(trade).deadline
    assert deadline
    return int((deadline - moved_clock.time).total_seconds())


def told(type: str) -> set[str]:
    return set(Event.objects.filter(type=type).values_list("stream", flat=True))


@pytest.fixture
def trade(moved_clock: MovedClock, seller: User, buyer: User) -> Trade:
    return trade_between(seller, buyer)


def test_an_unpaid_trade_expires_and_keeps_its_escrow_for_a_while(
    trade: Trade, moved_clock: MovedClock, seller: User, buyer: User
) -> None:
    moved_clock.pass_by(PAYMENT - 1)
    assert advance_due_trades() == 0
    moved_clock.pass_by(1)
    assert advance_due_trades() == 1
    assert fresh(trade).status == "expired"
    assert deadline_in(trade, moved_clock) == GRACE
    assert balance_of(seller) == (Decimal(9900), Decimal(100))
    assert told("trade_expired") == {f"user:{seller.id}", f"user:{buyer.id}"}


def test_a_payment_told_of_late_counts(trade: Trade, moved_clock: MovedClock, buyer: User) -> None:
    moved_clock.pass_by(PAYMENT)
    advance_due_trades()
    moved_clock.pass_by(GRACE - 1)
    mark_paid(trade_id=trade.id, actor_id=buyer.id)
    assert fresh(trade).status == "paid"
    assert deadline_in(trade, moved_clock) == RELEASE
    moved_clock.pass_by(GRACE)
    assert advance_due_trades() == 0
    assert audit() == []


def test_after_the_grace_the_seller_has_his_usdt_back(trade: Trade, moved_clock: MovedClock, seller: User) -> None:
    for seconds in (PAYMENT, GRACE):
        moved_clock.pass_by(seconds)
        assert advance_due_trades() == 1
    assert fresh(trade).status == "cancelled"
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert [(step.action, step.actor) for step in trade.steps.order_by("id")] == [
        ("open", "system"),
        ("expire", "system"),
        ("end_grace", "system"),
    ]
    assert audit() == []


def test_a_seller_who_does_not_release_is_reminded_once(
    trade: Trade, moved_clock: MovedClock, seller: User, buyer: User
) -> None:
    mark_paid(trade_id=trade.id, actor_id=buyer.id)
    moved_clock.pass_by(RELEASE)
    assert advance_due_trades() == 1
    assert (fresh(trade).status, fresh(trade).reminded) == ("paid", True)
    assert told("trade_reminder") == {f"user:{seller.id}", f"user:{buyer.id}"}
    moved_clock.pass_by(RELEASE)
    assert advance_due_trades() == 0


@pytest.mark.parametrize("status", ["paid", "disputed"])
def test_time_alone_never_pays_anybody(status: str, moved_clock: MovedClock, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status=status)
    for seconds in NEVER:
        moved_clock.pass_by(seconds)
        advance_due_trades()
    assert fresh(trade).status == status
    assert balance_of(seller) == (Decimal(9900), Decimal(100))
    assert balance_of(buyer) == (Decimal(0), Decimal(0))


def test_a_dispute_that_waits_too_long_is_escalated_again_and_again(
    moved_clock: MovedClock, seller: User, buyer: User
) -> None:
    trade = trade_between(seller, buyer, status="disputed")
    for _ in range(2):
        assert deadline_in(trade, moved_clock) == DISPUTE
        moved_clock.pass_by(DISPUTE)
        assert advance_due_trades() == 1
    assert trade.steps.filter(action="escalate").count() == 2


def test_a_trade_that_cannot_go_on_holds_up_no_other(
    moved_clock: MovedClock, seller: User, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = trade_between(seller, buyer, 10), trade_between(seller, buyer, 10)

    def advance_or_fail(trade: Trade, action: Action, actor: Actor) -> list[NewEvent]:
        if trade.id == broken.id:
            raise ZeroDivisionError
        return advance(trade, action, actor)

    monkeypatch.setattr(clocks, "advance", advance_or_fail)
    moved_clock.pass_by(PAYMENT)
    assert advance_due_trades() == 1
    assert (fresh(broken).status, fresh(sound).status) == ("awaiting_payment", "expired")


def test_the_oldest_deadlines_come_first(moved_clock: MovedClock, seller: User, buyer: User) -> None:
    trades: list[UUID] = []
    for _ in range(3):
        trades.append(trade_between(seller, buyer, 10).id)
        moved_clock.pass_by(1)
    moved_clock.pass_by(PAYMENT)
    assert advance_due_trades(limit=2) == 2
    assert set(Trade.objects.filter(status="expired").values_list("id", flat=True)) == set(trades[:2])
    assert advance_due_trades(limit=2) == 1


def test_a_market_sets_the_time_to_pay(moved_clock: MovedClock, seller: User, buyer: User) -> None:
    Market.objects.update(payment_window=60)
    assert trade_between(seller, buyer).deadline == moved_clock.time + timedelta(seconds=60)
