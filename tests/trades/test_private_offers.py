"""Offers by link: in no list, book, feed or tape, and taken by who knows the link."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core import clock
from iqx.core.events import head_of
from iqx.core.models import Event
from orders.models import Book, Order
from orders.selectors import book_snapshot, offers_of
from tests.factories.accounts import auth_client
from tests.factories.orders import SYMBOL, bring_to, make_trader, place
from tests.factories.wallets import balance_of
from trades.matching_run import match_market
from trades.models import Trade
from trades.selectors import ticker
from wallets.audit import audit

pytestmark = pytest.mark.django_db


def post_private(owner: User, status: int = 201, **fields: Any) -> Any:
    body = {"market": SYMBOL, "side": "sell", "price": "2", "amount": "100", "private": True} | fields
    answer = auth_client(owner).post("/api/v1/orders", body, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def post_take(taker: User, offer: dict[str, Any], amount: str = "30", **fields: Any) -> Any:
    body = {"amount": amount, "version": offer["version"]} | fields
    return auth_client(taker).post(f"/api/v1/orders/{offer['id']}/take", body, format="json")


def nothing_is_public(since: int = 0) -> bool:
    visitor = APIClient()
    lists = [visitor.get(f"/api/v1/markets/{SYMBOL}/{what}").json()["results"] for what in ("orders", "trades")]
    candles = visitor.get(f"/api/v1/markets/{SYMBOL}/candles").json()
    book = book_snapshot(SYMBOL)
    told = head_of(f"market:{SYMBOL}") > since
    shown = any(offers_of(owner, clock.now()) for owner in User.objects.values_list("pk", flat=True))  # on their pages
    return not (any(lists) or candles or book["bids"] or book["asks"] or told or shown)


def test_a_private_offer_is_taken_by_its_link_and_seen_by_nobody_else(seller: User, buyer: User) -> None:
    offer = post_private(seller)["order"]
    assert offer["status"] == "open"
    assert len(offer["link"]) >= 32
    assert balance_of(seller) == (9_900, 100)
    assert nothing_is_public()
    bid, trades = place(buyer, "buy", 2, 10)
    assert (bid.status, trades) == ("open", [])
    assert auth_client(buyer).post(f"/api/v1/orders/{bid.id}/cancel").status_code == 200
    told = head_of(f"market:{SYMBOL}")

    seen = APIClient().get(f"/api/v1/offers/{offer['link']}").json()
    assert (seen["id"], seen["remaining"], seen["owner"]["id"]) == (offer["id"], "100.000000", str(seller.id))
    assert "link" not in seen
    for link in (None, "x" * 32, offer["link"][:-1]):
        assert post_take(buyer, offer, link=link).json()["code"] == "not_found"
    taken = post_take(buyer, offer, link=offer["link"])
    assert taken.status_code == 201
    (trade,) = taken.json()["trades"]
    assert (trade["amount"], trade["price"]) == ("30.000000", "2")
    assert nothing_is_public(told)
    bring_to(Trade.objects.get(), "released")
    assert nothing_is_public(told)
    assert Book.objects.get().last_price is None
    assert ticker(SYMBOL, Trade.objects.get().created_at)["trades_24h"] == 0
    types = Event.objects.filter(stream_id=f"user:{seller.id}").order_by("seq").values_list("type", flat=True)
    orders_and_trades = [type for type in types if type.startswith(("order_", "trade_"))]
    assert orders_and_trades[:3] == ["order_created", "order_filled", "trade_opened"]
    assert audit() == []


def test_what_a_trade_gives_back_is_for_sale_by_the_link_again(seller: User, buyer: User) -> None:
    offer = post_private(seller, amount="30")["order"]
    assert post_take(buyer, offer, link=offer["link"]).status_code == 201
    assert APIClient().get(f"/api/v1/offers/{offer['link']}").status_code == 404  # it is filled
    other = post_private(seller)["order"]
    assert post_take(buyer, other, link=other["link"]).status_code == 201
    bring_to(Trade.objects.get(amount=30, sell_order_id=other["id"]), "cancelled")
    match_market(SYMBOL)
    back = APIClient().get(f"/api/v1/offers/{other['link']}").json()
    assert (back["status"], back["remaining"]) == ("open", "100.000000")
    taken = post_take(make_trader(0), back, "100", link=other["link"])
    assert taken.status_code == 201
    assert audit() == []


def test_a_changed_or_cancelled_private_offer_is_not_taken(seller: User, buyer: User) -> None:
    offer = post_private(seller)["order"]
    client = auth_client(seller)
    assert client.patch(f"/api/v1/orders/{offer['id']}", {"price": "3"}, format="json").json()["status"] == "open"
    assert post_take(buyer, offer, link=offer["link"]).json()["code"] == "offer_changed"
    assert client.post(f"/api/v1/orders/{offer['id']}/pause").json()["status"] == "paused"
    assert APIClient().get(f"/api/v1/offers/{offer['link']}").json()["status"] == "paused"
    assert post_take(buyer, offer, link=offer["link"]).json()["code"] == "offer_paused"
    assert client.post(f"/api/v1/orders/{offer['id']}/resume").json()["status"] == "open"
    assert client.post(f"/api/v1/orders/{offer['id']}/cancel").json()["status"] == "cancelled"
    assert APIClient().get(f"/api/v1/offers/{offer['link']}").status_code == 404
    assert post_take(buyer, offer, link=offer["link"]).json()["code"] == "offer_changed"
    assert nothing_is_public()
    assert (Trade.objects.count(), Order.objects.count()) == (0, 1)
    assert audit() == []


@pytest.mark.parametrize("fields", [{"time_in_force": "IOC"}, {"time_in_force": "FOK"}, {"post_only": True}])
def test_a_private_offer_waits(fields: dict[str, Any], seller: User) -> None:
    assert post_private(seller, 400, **fields)["code"] == "validation_error"
    assert not Order.objects.exists()
