"""The ladder of pauses: whoever lets trades fail again and again places no orders for a while."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Rule, TraderRecord, User
from accounts.trust.rules import SERIAL_CANCELLER
from accounts.trust.services import lift_pause
from iqx.core.errors import NotAllowed
from iqx.core.models import Event
from tests.factories.accounts import auth_client, make_user
from tests.factories.orders import SYMBOL, MovedClock, place, trade_between
from trades.reputation import roll_up_records

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_ladder(db: None) -> None:
    Rule.objects.create(code=SERIAL_CANCELLER.code, parameters={"ladder": [[2, 600], [3, 7200]]})


def order(user: User) -> Any:
    body = {"market": SYMBOL, "side": "buy", "price": "0.5", "amount": "10"}
    return auth_client(user).post("/api/v1/orders", body, format="json")


def fail(seller: User, buyer: User, times: int, status: str = "cancelled") -> None:
    for _ in range(times):
        trade_between(seller, buyer, 10, status=status)
    roll_up_records()


def test_each_rung_pauses_for_longer(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    fail(seller, buyer, 1)
    assert order(buyer).status_code == 201
    fail(seller, buyer, 1)
    refusal = order(buyer)
    assert (refusal.status_code, refusal.json()["code"]) == (422, "trading_paused")
    buyer.refresh_from_db()
    assert buyer.trading_paused_until is not None
    assert (buyer.trading_paused_until - moved_clock.time).total_seconds() == 600
    assert buyer.orders.count() == 3
    event = Event.objects.get(type="trading_paused")
    assert event.stream_id == f"user:{buyer.id}"
    assert "because 2 trades failed" in event.data["because"]

    moved_clock.pass_by(601)
    assert order(buyer).status_code == 201
    fail(seller, buyer, 1)
    buyer.refresh_from_db()
    assert (buyer.trading_paused_until - moved_clock.time).total_seconds() == 7200
    assert order(seller).status_code == 201  # it was not his fault


def test_a_batch_and_a_taking_are_refused_too(seller: User, buyer: User) -> None:
    offer, _ = place(seller, "sell", 2, 10)
    fail(seller, buyer, 2)
    body = {"market": SYMBOL, "side": "buy", "price": "0.5", "amount": "10"}
    answer = auth_client(buyer).post("/api/v1/orders/batch", {"orders": [body]}, format="json")
    assert answer.json()["results"][0]["error"]["code"] == "trading_paused"
    taking = {"amount": "10", "version": offer.version}
    answer = auth_client(buyer).post(f"/api/v1/orders/{offer.id}/take", taking, format="json")
    assert answer.json()["code"] == "trading_paused"
    offer.refresh_from_db()
    assert offer.filled == Decimal(0)


def test_failures_of_another_day_pause_nobody(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    fail(seller, buyer, 1)
    moved_clock.pass_by(86_401)
    fail(seller, buyer, 1)
    assert order(buyer).status_code == 201


def test_nobody_is_paused_by_a_rule_that_is_off(seller: User, buyer: User) -> None:
    Rule.objects.update(enabled=False)
    fail(seller, buyer, 3)
    assert order(buyer).status_code == 201


def test_staff_let_somebody_trade_again_and_he_starts_from_nothing(seller: User, buyer: User) -> None:
    fail(seller, buyer, 2)
    admin = make_user(role="admin")
    lift_pause(user_id=buyer.id, actor_id=admin.id)
    roll_up_records()
    assert order(buyer).status_code == 201
    assert TraderRecord.objects.get(user=buyer).failed_trades == 2
    with pytest.raises(NotAllowed):
        lift_pause(user_id=buyer.id, actor_id=seller.id)
