"""How many statements placing and matching take: a fixed number, however many orders and fills there are."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from orders.services import place_orders
from tests.factories.orders import SYMBOL, make_trader, new_order, place_batch
from trades.matching_run import match_market
from trades.models import Trade

pytestmark = pytest.mark.django_db

RESTING = 6
"""The book, the pending orders, what they could meet; the orders; the streams and their events."""
TRADING = RESTING + 5
"""The makers, the parties' names; the trades, their first steps, the last price."""

_FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def statements(call: Callable[[], Any]) -> int:
    """How many statements `call` took, without those that open and close transactions."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return len([query for query in captured if not query["sql"].startswith(_FRAME)])


def placing(owner: User, side: str, count: int) -> Callable[[], Any]:
    return lambda: place_orders(owner=owner, new=[new_order(side, 1, 10) for _ in range(count)])


def matching() -> None:
    match_market(SYMBOL)


@pytest.fixture
def warm(seller: User, buyer: User) -> None:
    """Everybody's wallet, stream and day are there: their first order makes them."""
    place_batch(seller, [new_order("sell", 1, 10)])
    place_batch(buyer, [new_order("buy", 1, 10)])


@pytest.mark.parametrize("count", [1, 20])
def test_placing_purchases_takes_four_statements(count: int, warm: None, buyer: User) -> None:
    """The market, the day's turnover, the number of live orders, the orders."""
    assert statements(placing(buyer, "buy", count)) == 4


@pytest.mark.parametrize("count", [1, 20])
def test_placing_sales_takes_eight_statements(count: int, warm: None, seller: User) -> None:
    """Those of purchases; the wallet, the ledger; the stream and its event."""
    assert statements(placing(seller, "sell", count)) == 8


@pytest.mark.parametrize("count", [1, 20])
def test_matching_what_rests_takes_as_many_statements_for_one_as_for_twenty(
    count: int, warm: None, buyer: User
) -> None:
    placing(buyer, "buy", count)()
    assert statements(matching) == RESTING


@pytest.mark.parametrize("count", [1, 2, 20])
def test_matching_what_trades_takes_as_many_statements_for_one_fill_as_for_twenty(
    count: int, warm: None, seller: User, buyer: User
) -> None:
    place_batch(seller, [new_order("sell", 1, 10) for _ in range(count)])
    placing(buyer, "buy", count)()
    assert statements(matching) == TRADING
    assert Trade.objects.count() == 1 + count


def test_many_owners_cost_no_more_than_one(warm: None, seller: User) -> None:
    place_batch(seller, [new_order("sell", 1, 100)])
    buyers = [make_trader(0) for _ in range(10)]
    for buyer in buyers:
        place_batch(buyer, [new_order("buy", "0.5", 10)])
        placing(buyer, "buy", 1)()
    assert statements(matching) == TRADING
    assert Trade.objects.count() == 1 + 10


def test_nothing_pending_takes_two_statements(market: Any) -> None:
    """The book's lock, and the look for orders."""
    assert statements(matching) == 2
