"""A web server that dies between the two steps of placing an order: it is accepted and paid for, but not matched."""

from collections.abc import Iterator

import httpx
import pytest
from pytest_django import Settings

from accounts.models import User
from orders.models import Market, Order
from tests.e2e.people import Json, Person
from tests.e2e.processes import listening, manage, python, web_server
from tests.factories.accounts import make_user
from tests.factories.orders import SYMBOL, make_market, place
from tests.factories.wallets import balance_of, fund
from tests.runtime.conftest import eventually
from trades.models import Trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db(transaction=True)

DYING_SERVER = """
import os, signal, django
django.setup()
from orders.services import place_orders
from trades.api import placing
from trades.placing import Placed
placing.place = lambda **order: Placed(place_orders(**order))  # as where somebody else has the book
placing.match_markets = lambda symbols: os.kill(os.getpid(), signal.SIGKILL)
from django.core.management import call_command
call_command("serve", port=0)
"""
KEY = "the-one-request"
BODY: Json = {"market": SYMBOL, "side": "sell", "price": "1", "amount": "100"}


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture
def market(transactional_db: None) -> Market:
    return make_market()


@pytest.fixture
def seller(market: Market) -> Iterator[User]:
    """Has 1,000 USDT, and has sent an order, to meet a resting one, to a server that died of it."""
    user = make_user()
    fund(user, 1000)
    place(make_user(), "buy", 1, 60)
    with python("-c", DYING_SERVER, DJANGO_SETTINGS_MODULE="iqx.settings") as process:
        with Person.at(listening(process), user) as person, pytest.raises(httpx.TransportError):
            person.send("/orders", BODY, key=KEY)
        process.wait(timeout=10)
    assert Order.objects.get(owner=user).status == "pending"
    assert [int(funds) for funds in balance_of(user)] == [900, 100]
    yield user
    assert audit() == []


def check_matched(seller: User) -> None:
    order = Order.objects.get(owner=seller)
    assert (order.status, order.filled) == ("open", 60)
    assert Trade.objects.get(seller=seller).amount == 60
    assert [int(funds) for funds in balance_of(seller)] == [900, 100]


def test_the_worker_matches_what_was_left_pending(seller: User) -> None:
    with manage("worker"):
        assert eventually(lambda: Order.objects.get(owner=seller).status == "open", within_s=30)
    check_matched(seller)


def test_the_same_request_again_finds_its_order_and_matches_it(seller: User) -> None:
    with web_server() as server, Person.at(server, seller) as person:
        answers = [person.send("/orders", BODY, key=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.headers["Idempotent-Replayed"] for answer in answers] == ["true", "true"]
    assert answers[0].json() == answers[1].json()
    assert [trade["amount"] for trade in answers[0].json()["trades"]] == ["60.000000"]
    check_matched(seller)


def test_the_next_order_of_anybody_takes_it_along(seller: User) -> None:
    with web_server() as server, Person.at(server, make_user()) as somebody:
        somebody.order("buy", "0.5", "1", market=SYMBOL)
    check_matched(seller)
