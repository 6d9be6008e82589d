"""`?validate_only=true`: what would happen, told and not done."""

from typing import Any

import pytest

from accounts.models import User
from iqx.core.models import Event
from orders.models import Order, Turnover
from tests.factories.accounts import auth_client
from tests.factories.orders import fresh, make_trader, place, trade_between
from tests.factories.wallets import balance_of
from trades.models import Trade
from wallets.models import Transfer

pytestmark = pytest.mark.django_db


def snapshot() -> tuple[Any, ...]:
    rows = [list(model.objects.order_by("pk").values()) for model in (Order, Trade, Turnover)]
    return *rows, Transfer.objects.count(), Event.objects.count()


def rehearse(user: User, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """What a dry run answers, which changed nothing."""
    before = snapshot()
    answer = auth_client(user).post(f"/api/v1{path}?validate_only=true", body or {}, format="json")
    assert snapshot() == before
    return answer.status_code, answer.json()


def offer(side: str, amount: str, price: str = "1", **options: Any) -> dict[str, Any]:
    return {"market": "USDT-EUR", "side": side, "price": price, "amount": amount} | options


def test_a_step_of_a_trade(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    assert rehearse(buyer, f"/trades/{trade.id}/release")[0] == 403
    status, told = rehearse(seller, f"/trades/{trade.id}/release")
    assert (status, told["status"], told["version"]) == (200, "released", trade.version + 1)
    assert balance_of(seller) == (9900, 100)
    for step, becomes in (("cancel", "cancelled"), ("dispute", "open")):
        body = {"reason": "other", "statement": "A claim."}
        status, told = rehearse(buyer, f"/trades/{trade.id}/{step}", body)
        assert (status, told["status"]) == (200, becomes)
    assert rehearse(buyer, f"/trades/{trade.id}/paid")[1]["code"] == "trade_wrong_status"
    assert fresh(trade).status == "paid"


def test_a_cancellation(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    assert rehearse(seller, f"/orders/{order.id}/cancel")[1]["status"] == "cancelled"
    assert [told["status"] for told in rehearse(seller, "/orders/cancel-all")[1]["orders"]] == ["cancelled"]
    assert rehearse(seller, "/orders/cancel-after", {"seconds": 60})[0] == 200


def test_a_batch(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 150)
    status, told = rehearse(
        buyer, "/orders/batch", {"orders": [offer("buy", "100"), offer("buy", "0"), offer("buy", "100")]}
    )
    assert status == 200
    first, refused, second = told["results"]
    assert (first["order"]["status"], [trade["amount"] for trade in first["trades"]]) == ("filled", ["100.000000"])
    assert refused["error"]["code"] == "validation_error"
    assert (second["order"]["status"], [trade["amount"] for trade in second["trades"]]) == ("open", ["50.000000"])


def test_an_order_that_was_placed_before_is_told_as_it_is(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100)
    first, (trade,) = place(buyer, "buy", 1, 100, client_order_id="first")
    place(seller, "sell", 1, 100)
    status, told = rehearse(buyer, "/orders", offer("buy", "100", client_order_id="first"))
    assert (status, told["order"]["id"], told["order"]["status"]) == (200, str(first.id), "filled")
    assert [told["id"] for told in told["trades"]] == [str(trade.id)]


def test_an_offer_that_is_taken(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    body = {"amount": "40", "version": order.version}
    status, told = rehearse(buyer, f"/orders/{order.id}/take", body)
    assert (status, [trade["amount"] for trade in told["trades"]]) == (200, ["40.000000"])
    assert rehearse(make_trader(), f"/orders/{order.id}/take", body | {"version": 1})[1]["code"] == "offer_changed"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_what_has_no_dry_run_is_refused_rather_than_done(method: str, seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    before = snapshot()
    call = getattr(auth_client(seller), method)
    answer = call(f"/api/v1/orders/{order.id}?validate_only=true", {"price": "2"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "validate_only")
    assert snapshot() == before
