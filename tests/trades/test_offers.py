"""What everyone may see of a market's offers, and of those who make them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from orders.models import Market
from tests.factories.orders import place, trade_between

pytestmark = pytest.mark.django_db


def read_offers() -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = APIClient().get("/api/v1/markets/USDT-EUR/orders").json()["results"]
    return results


def test_a_market_without_offers_shows_none(market: Market) -> None:
    assert read_offers() == []


def test_an_offer_shows_how_its_owner_traded_and_not_who_he_is(seller: User, buyer: User) -> None:
    for status in ("released", "split", "refunded", "cancelled", "paid"):
        trade_between(seller, buyer, 10, status=status)
    place(seller, "sell", 3, 10)
    place(buyer, "buy", "0.5", 10)
    mine, theirs = read_offers()
    assert mine["owner"] == {
        "display_name": buyer.display_name,
        "completed_trades": 2,
        "completion_rate": "0.5000",
    }
    assert theirs["owner"] == mine["owner"] | {"display_name": seller.display_name}
    assert str(seller.id) not in str(theirs)
    assert seller.email not in str(theirs)


def test_who_never_traded_has_no_rate(seller: User) -> None:
    place(seller, "sell", 3, 10)
    (offer,) = read_offers()
    assert offer["owner"] == {
        "display_name": seller.display_name,
        "completed_trades": 0,
        "completion_rate": None,
    }
