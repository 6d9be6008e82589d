"""What one may do, told beforehand: the same as the act itself is answered."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from iqx.core import clock
from orders.models import Market, Order
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import auth_client
from tests.factories.orders import SYMBOL, WAY_TO, make_trader, place, trade_between
from tests.factories.wallets import ADDRESS

pytestmark = pytest.mark.django_db

BODIES = {
    "messages": {"body": "Hello."},
    "feedback": {"rating": 5},
    "dispute": {"reason": "other", "statement": "A claim."},
}


def may(user: User, path: str) -> dict[str, Any]:
    answer = auth_client(user).get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.json()
    actions: dict[str, Any] = answer.json()["actions"]
    return actions


def code_of(verdict: dict[str, Any]) -> str | None:
    assert verdict["allowed"] is (verdict["problem"] is None)
    return verdict["problem"]["code"] if verdict["problem"] else None


@pytest.mark.parametrize("status", WAY_TO)
def test_in_every_state_a_party_is_told_what_the_act_would_be_answered(status: str, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status=status)
    allowed = set()
    for user in (seller, buyer):
        client = auth_client(user)
        before = snapshot()
        actions = client.get(f"/api/v1/trades/{trade.id}/permissions").json()["actions"]
        assert snapshot() == before
        for action, verdict in actions.items():
            rehearsal = "" if action in {"messages", "feedback"} else "?validate_only=true"
            path = f"/api/v1/trades/{trade.id}/{action}{rehearsal}"
            answer = client.post(path, BODIES.get(action, {}), format="json")
            if action == "dispute" and answer.status_code == 400:  # a reason that this state does not know
                assert verdict["allowed"]
                continue
            assert code_of(verdict) == (answer.json()["code"] if answer.status_code >= 400 else None), (user, action)
            if verdict["problem"]:
                assert verdict["problem"].get("current_status") == answer.json().get("current_status")
            else:
                allowed.add(action)
    assert "messages" in allowed
    stranger = auth_client(make_trader(0))
    assert stranger.get(f"/api/v1/trades/{trade.id}/permissions").status_code == 404


def test_an_owner_changes_what_is_live_and_others_take_what_is_for_them(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100, min_fill=Decimal(10))
    path = f"orders/{order.id}/permissions"
    assert {name: code_of(verdict) for name, verdict in may(seller, path).items()} == dict.fromkeys(
        ("amend", "cancel", "pause", "resume")
    )
    assert may(buyer, path) == {"take": {"allowed": True, "problem": None}}
    client = auth_client(seller)
    client.post(f"/api/v1/orders/{order.id}/pause")
    assert may(buyer, path)["take"]["problem"]["reasons"] == ["by_owner"]
    client.post(f"/api/v1/orders/{order.id}/resume")
    Order.objects.filter(pk=order.id).update(min_trades=3)
    assert code_of(may(buyer, path)["take"]) == "requirements_not_met"
    assert may(buyer, path)["take"]["problem"]["unmet"][0]["needed"] == 3
    client.post(f"/api/v1/orders/{order.id}/cancel")
    assert {code_of(verdict) for verdict in may(seller, path).values()} == {"order_not_live"}
    assert code_of(may(buyer, path)["take"]) == "offer_changed"
    bid, _ = place(buyer, "buy", 1, 100)
    assert code_of(may(make_trader(0), f"orders/{bid.id}/permissions")["take"]) == "insufficient_funds"


def test_a_private_offer_is_told_of_to_who_has_its_link(seller: User, buyer: User) -> None:
    body = {"market": SYMBOL, "side": "sell", "price": "2", "amount": "100", "private": True}
    offer = auth_client(seller).post("/api/v1/orders", body, format="json").json()["order"]
    path = f"orders/{offer['id']}/permissions"
    assert auth_client(buyer).get(f"/api/v1/{path}").status_code == 404
    assert code_of(may(buyer, f"{path}?link={offer['link']}")["take"]) is None


def test_one_is_told_whether_one_may_buy_sell_and_withdraw(
    market: Market, seller: User, buyer: User, settings: Settings
) -> None:
    path = f"permissions?market={SYMBOL}"

    def codes(user: User) -> tuple[str | None, ...]:
        told = may(user, path)
        return tuple(code_of(told[action]) for action in ("buy", "sell", "withdraw"))

    assert codes(seller) == (None, None, None)
    assert codes(buyer) == (None, "insufficient_funds", "insufficient_funds")
    assert set(may(seller, "permissions")) == {"withdraw"}
    assert auth_client(seller).get("/api/v1/permissions?market=USDT-XXX").status_code == 400
    settings.MAX_LIVE_ORDERS = 0
    assert codes(seller)[:2] == ("too_many_orders", "too_many_orders")
    later = clock.now() + timedelta(hours=1)
    User.objects.update(
        trading_paused_until=later, withdrawals_held_until=later, withdrawals_hold_reason="password_changed"
    )
    assert codes(seller) == ("trading_paused", "trading_paused", "withdrawals_held")
    asked = auth_client(seller).post(
        "/api/v1/wallet/withdrawals?validate_only=true", {"amount": "1", "address": ADDRESS}, format="json"
    )
    assert asked.json()["code"] == "withdrawals_held"
    market.status = Market.Status.HALTED
    market.save()
    User.objects.update(trading_paused_until=None)
    assert codes(seller)[:2] == ("market_halted", "market_halted")
