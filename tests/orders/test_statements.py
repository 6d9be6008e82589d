"""How many statements placing and matching take: a fixed number, however many orders and fills there are."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from orders.services import place_orders
from tests.factories.orders import SYMBOL, make_trader, new_order, place_batch
from tests.factories.statements import recorded
from trades.matching_run import match_market
from trades.models import Trade
from trades.placing import place

pytestmark = pytest.mark.django_db

MATCHING_RESTING = 6
"""The book, the pending orders, what they could meet, whom they must not; the orders; their events."""
MATCHING_FILLS = MATCHING_RESTING + 1
"""The trades, with their first steps and the last price."""


def statements(call: Callable[[], Any]) -> int:
    """How many statements `call` took, without those that open and close transactions."""
    with recorded() as sent:
        call()
    return len(sent)


def placing(owner: User, side: str, count: int) -> Callable[[], Any]:
    return lambda: place_orders(owner=owner, new=[new_order(side, 1, 10) for _ in range(count)])


def matching() -> None:
    match_market(SYMBOL)


@pytest.fixture
def warm(seller: User, buyer: User) -> None:
    """Everybody's wallet, stream and day are there: their first order makes them."""
    place_batch(seller, [new_order("sell", 1, 10)])
    place_batch(buyer, [new_order("buy", 1, 10)])


PURCHASE = 4
"""The market, the queue with the number of live orders, the day's turnover; the orders."""
SALE = PURCHASE + 3
"""The wallet; the ledger; the events."""


@pytest.mark.parametrize("count", [1, 20])
def test_placing_takes_as_many_statements_for_one_as_for_twenty(
    count: int, warm: None, buyer: User, seller: User
) -> None:
    assert statements(placing(buyer, "buy", count)) == PURCHASE
    assert statements(placing(seller, "sell", count)) == SALE


ALONE_RESTS = PURCHASE + 4
"""Those of placing; the book, what it could meet, whom it must not; the events."""
ALONE_FILLS = ALONE_RESTS + 2
"""The makers' rows; the trades, with their first steps and the last price."""


@pytest.mark.parametrize("count", [1, 20])
def test_placing_and_matching_in_one_writes_each_order_once(count: int, warm: None, buyer: User, seller: User) -> None:
    assert statements(lambda: place(owner=buyer, new=[new_order("buy", "0.5", 10)] * count)) == ALONE_RESTS
    place_batch(seller, [new_order("sell", 1, 10) for _ in range(count)])
    assert statements(lambda: place(owner=buyer, new=[new_order("buy", 1, 10)] * count)) == ALONE_FILLS
    assert statements(lambda: place(owner=seller, new=[new_order("sell", 9, 10)] * count)) == ALONE_RESTS + 2


@pytest.mark.parametrize("count", [1, 20])
def test_matching_what_rests_takes_as_many_statements_for_one_as_for_twenty(
    count: int, warm: None, buyer: User
) -> None:
    placing(buyer, "buy", count)()
    assert statements(matching) == MATCHING_RESTING


@pytest.mark.parametrize("count", [1, 2, 20])
def test_matching_what_trades_takes_as_many_statements_for_one_fill_as_for_twenty(
    count: int, warm: None, seller: User, buyer: User
) -> None:
    place_batch(seller, [new_order("sell", 1, 10) for _ in range(count)])
    placing(buyer, "buy", count)()
    assert statements(matching) == MATCHING_FILLS
    assert Trade.objects.count() == 1 + count


def test_many_owners_cost_no_more_than_one(warm: None, seller: User) -> None:
    place_batch(seller, [new_order("sell", 1, 100)])
    buyers = [make_trader(0) for _ in range(10)]
    for buyer in buyers:
        place_batch(buyer, [new_order("buy", "0.5", 10)])
        placing(buyer, "buy", 1)()
    assert statements(matching) == MATCHING_FILLS
    assert Trade.objects.count() == 1 + 10


def test_nothing_pending_takes_two_statements(market: Any) -> None:
    """The book's lock, and the look for orders."""
    assert statements(matching) == 2
