from collections.abc import Callable

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.locks import without_locks
from tests.factories.wallets import fund

__all__ = ["without_locks"]


@pytest.fixture(autouse=True)
def quick_and_unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS_ON = False
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture
def user(db: None) -> User:
    return make_user()


@pytest.fixture
def funded(user: User) -> User:
    """A user with 1,000 USDT."""
    fund(user, 1000)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    return make_user()


@pytest.fixture
def support(db: None) -> User:
    return make_user(role="support")


@pytest.fixture
def admin_user(db: None) -> User:
    return make_user(role="admin")


@pytest.fixture
def second_admin(db: None) -> User:
    return make_user(role="admin")


@pytest.fixture
def client_of() -> Callable[[User], APIClient]:
    """An API client that speaks for a user."""

    def make(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make
