"""What everyone may see of a market's offers, and of those who make them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from orders.models import Market
from tests.factories.orders import place, trade_between
from trades.reputation import roll_up_records

pytestmark = pytest.mark.django_db


def read_offers() -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = APIClient().get("/api/v1/markets/USDT-EUR/orders").json()["results"]
    return results


def test_a_market_without_offers_shows_none(market: Market) -> None:
    assert read_offers() == []


def test_an_offer_shows_its_owners_record_and_nothing_private(seller: User, buyer: User) -> None:
    for status in ("released", "split", "refunded", "cancelled", "paid"):
        trade_between(seller, buyer, 10, status=status)
    roll_up_records()
    place(seller, "sell", 3, 10)
    place(buyer, "buy", "0.5", 10)
    mine, theirs = read_offers()
    told = {name: mine["owner"][name] for name in ("id", "completed_trades", "failed_trades", "completion_rate")}
    assert told == {"id": str(buyer.id), "completed_trades": 2, "failed_trades": 2, "completion_rate": "0.5000"}
    assert (theirs["owner"]["completed_trades"], theirs["owner"]["completion_rate"]) == (2, "1.0000")
    assert seller.email not in str(theirs)


def test_who_never_traded_has_no_rate(seller: User) -> None:
    place(seller, "sell", 3, 10)
    (offer,) = read_offers()
    assert (offer["owner"]["completed_trades"], offer["owner"]["completion_rate"]) == (0, None)
    assert offer["owner"]["rating"] is None
