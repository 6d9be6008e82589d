from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core.models import Event, StoredFile
from support.models import CannedAnswer, Ticket, TicketFile, TicketMessage
from support.services import open_ticket
from tests.factories.accounts import make_user
from tests.factories.locks import without_locks
from tests.factories.trading import quick_and_unlimited

__all__ = ["quick_and_unlimited", "without_locks"]

QUESTION: dict[str, Any] = {"subject": "Where is my deposit?", "category": "deposit", "body": "I sent 100 USDT."}


@pytest.fixture
def user(db: None) -> User:
    return make_user()


@pytest.fixture
def stranger(db: None) -> User:
    return make_user()


@pytest.fixture
def staff(db: None) -> User:
    """Of the role `support`, with whom tickets are at home."""
    return make_user(role="support")


@pytest.fixture
def ticket(user: User) -> Ticket:
    return open_ticket(user=user, **QUESTION)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(user: User, path: str, **body: Any) -> Any:
    """POST JSON as a user; a path without a leading slash is below /api/v1/support."""
    return client_of(user).post(path if path.startswith("/") else f"/api/v1/support/{path}", body, format="json")


def everything() -> list[list[Any]]:
    """All rows that a use case of support could change or add."""
    models: list[Any] = [Ticket, TicketMessage, TicketFile, CannedAnswer, StoredFile, Event]
    return [list(model.objects.order_by("pk").values()) for model in models]
