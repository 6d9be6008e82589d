"""Fixtures of those who trade; a folder's conftest imports what it needs."""

import pytest
from pytest_django import Settings

from accounts.models import User
from orders.models import Market
from tests.factories.orders import MovedClock, make_market, make_trader


@pytest.fixture(autouse=True)
def quick_and_unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS_ON = False
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture
def market(db: None) -> Market:
    """`USDT-EUR`, without fees."""
    return make_market()


@pytest.fixture
def seller(market: Market) -> User:
    """Has 10,000 USDT."""
    return make_trader()


@pytest.fixture
def buyer(market: Market) -> User:
    """Has none."""
    return make_trader(0)


@pytest.fixture
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    return MovedClock(monkeypatch)
