import itertools
import string
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker, Settings

from orders.models import Market
from tests import clean_slate
from tests.e2e.processes import web_server
from tests.e2e.world import World, make_world
from tests.factories.orders import make_market
from tests.feed.clients import ServerProcess

PUSH_KEY = "A" * 42 + "E"  # the number 1: Web Push can be offered, and nobody is told anything by it

_letters = itertools.product(string.ascii_uppercase, repeat=2)


@pytest.fixture(autouse=True)
def quick_and_unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS_ON = False
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture(scope="session")
def shared_platform(django_db_setup: None) -> Iterator[ServerProcess]:
    with web_server(IQX_VAPID_PRIVATE_KEY=PUSH_KEY) as server:
        yield server


@pytest.fixture
def platform(shared_platform: ServerProcess, transactional_db: None) -> ServerProcess:
    """One web server for all tests that only talk to it: the people and markets are each test's own."""
    return shared_platform


@pytest.fixture
def own_market(transactional_db: None) -> Market:
    """A market, without fees, that no other test's sockets ever heard of."""
    return make_market("USDT-Q" + "".join(next(_letters)))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for all tests of a module; what they do to it is rolled back after each."""
    with django_db_blocker.unblock():
        yield make_world()
        clean_slate.restore()
