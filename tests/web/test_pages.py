"""What every page has in common: who may see it, and a fixed number of queries, with little and with much to show."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from orders.models import Market
from tests.factories.orders import SYMBOL, bring_to, place, trade_between
from tests.web.browsing import browser_of, text_of
from trades.models import Trade

pytestmark = pytest.mark.django_db

QUERIES = {
    "/": 8,
    "/login": 1,
    f"/markets/{SYMBOL}": 16,
    f"/markets/{SYMBOL}?part=book": 3,
    f"/markets/{SYMBOL}/order": 8,
    "/orders": 6,
    "/trades": 6,
    "/offers/{offer}": 8,
    "/trades/{trade}": 8,
    "/trades/{trade}?part=state": 4,
}


@pytest.mark.parametrize("address", QUERIES)
def test_a_page_costs_the_same_however_much_it_shows(
    address: str, market: Market, seller: User, buyer: User, django_assert_num_queries: Any
) -> None:
    trade = trade_between(seller, buyer)
    offer, _ = place(seller, "sell", 2, 10)
    browser = Client() if address == "/login" else browser_of(buyer)
    filled = address.format(offer=offer.id, trade=trade.id)
    with django_assert_num_queries(QUERIES[address]):
        assert browser.get(filled).status_code == 200
    for number in range(3):
        bring_to(trade_between(seller, buyer), "paid")
        place(seller, "sell", 2 + number, 10)
        place(buyer, "buy", 1, 5)
    with django_assert_num_queries(QUERIES[address]):
        assert browser.get(filled).status_code == 200


@pytest.mark.parametrize("path", ["", "/release", "/dispute"])
def test_a_strangers_trade_is_not_there(path: str, market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    other = browser_of(User.objects.create(email="other@iqx.example"))
    assert other.get(f"/trades/{trade.id}{path}").status_code == 404
    assert other.post(f"/trades/{trade.id}/release", {"received": "100", "seen": "on"}).status_code == 404
    assert Trade.objects.get().status == "paid"


def test_pages_speak_the_readers_language_and_the_api_doesnt(market: Market) -> None:
    french = Client(headers={"accept-language": "fr"})
    assert '<html lang="fr"' in french.get("/").content.decode()
    assert "This field is required" in french.post("/api/v1/auth/login", {}, "application/json").content.decode()


def test_what_is_not_there_is_a_page_with_its_status(market: Market) -> None:
    answer = Client().get("/markets/USDT-XXX")
    assert answer.status_code == 404
    assert "nothing here" in text_of(answer)
