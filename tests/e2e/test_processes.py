"""Several web processes on one PostgreSQL and one Redis: to its users, one platform."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from accounts.models import User
from orders.models import Market
from tests.e2e.people import Person
from tests.e2e.processes import web_server
from tests.factories.accounts import make_user
from tests.factories.wallets import balance_of, fund
from tests.feed.clients import ServerProcess
from wallets.audit import audit
from wallets.models import Deposit

pytestmark = pytest.mark.django_db(transaction=True)

Servers = tuple[ServerProcess, ServerProcess]


@pytest.fixture(scope="module")
def both_servers(django_db_setup: None, redis_url: str) -> Iterator[Servers]:
    with web_server(REDIS_URL=redis_url) as one, web_server(REDIS_URL=redis_url) as other:
        yield one, other


@pytest.fixture
def servers(both_servers: Servers, transactional_db: None) -> Servers:
    return both_servers


@pytest.fixture
def seller(transactional_db: None) -> User:
    user = make_user()
    fund(user, 1000)
    return user


def test_an_order_placed_at_one_is_news_at_the_other(servers: Servers, seller: User, own_market: Market) -> None:
    here, there = servers
    with (
        Person.at(here, seller) as poster,
        Person.at(there, seller) as watcher,
        watcher.listening() as own,
        there.client() as public,
    ):
        public.subscribe(market=own_market.symbol)
        order = poster.order("sell", "1", "10", market=own_market.symbol)["order"]
        assert [event["type"] for event in own.events(2)] == ["wallet_updated", "order_created"]
        assert public.events(1)[0]["data"]["id"] == order["id"]
        assert watcher.get(f"/orders/{order['id']}")["status"] == "open"


def test_people_at_different_servers_trade(servers: Servers, seller: User, own_market: Market) -> None:
    here, there = servers
    with Person.at(here, seller) as alice, Person.at(there, make_user()) as bob:
        alice.order("sell", "1", "10", market=own_market.symbol)
        (trade,) = bob.order("buy", "1", "10", market=own_market.symbol)["trades"]
        bob.post(f"/trades/{trade['id']}/paid")
        alice.post(f"/trades/{trade['id']}/release")
        assert (alice.balance(), bob.balance()) == (("990.000000", "0.000000"), ("10.000000", "0.000000"))
    assert audit() == []


def test_one_key_sent_to_both_at_once_has_one_effect(servers: Servers, seller: User) -> None:
    before = balance_of(seller)[0]
    with Person.at(servers[0], seller) as here, Person.at(servers[1], seller) as there, ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            key = str(uuid4())
            deposits = set(pool.map(deposit_patiently, [here, there] * 4, [key] * 8))
            assert len(deposits) == 1
    assert Deposit.objects.filter(user=seller, amount=7).count() == 5
    assert balance_of(seller)[0] == before + 35


def deposit_patiently(person: Person, key: str) -> str:
    """The id of the deposit of 7 USDT; who is told that the key is in use asks again."""
    while (answer := person.send("/wallet/deposits", {"amount": "7"}, key=key)).status_code == 409:
        assert answer.json()["code"] == "idempotency_in_progress"
        time.sleep(0.05)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_logging_out_at_one_closes_sockets_at_the_other(servers: Servers, seller: User) -> None:
    with Person.at(servers[0], seller) as person, servers[1].client(person.access) as socket:
        socket.subscribe("user")
        person.post("/auth/logout", {"refresh": person.refresh}, status=204)
        assert socket.close_code() == 4001
