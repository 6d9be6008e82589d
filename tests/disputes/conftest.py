from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from disputes.models import Dispute
from disputes.services import open_dispute
from tests.factories.accounts import make_user
from tests.factories.locks import without_locks
from tests.factories.orders import trade_between
from tests.factories.trading import buyer, market, moved_clock, quick_and_unlimited, seller
from trades.models import Trade

__all__ = ["buyer", "market", "moved_clock", "quick_and_unlimited", "seller", "without_locks"]


@pytest.fixture
def paid_trade(seller: User, buyer: User) -> Trade:
    """100 of the seller's 10,000 USDT, paid for by the buyer, who says so."""
    return trade_between(seller, buyer, status="paid")


@pytest.fixture
def dispute(paid_trade: Trade) -> Dispute:
    """Opened by the buyer."""
    return dispute_about(paid_trade)


def dispute_about(trade: Trade, opener: User | None = None) -> Dispute:
    opener_id = opener.id if opener else trade.buyer_id
    bought = opener_id == trade.buyer_id
    return open_dispute(
        trade_id=trade.id,
        actor_id=opener_id,
        reason=Dispute.Reason.NOT_RELEASED if bought else Dispute.Reason.PAYMENT_NOT_RECEIVED,
        statement="I paid an hour ago.",
    )


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


Post = Callable[..., Any]


@pytest.fixture
def post() -> Post:
    """POST JSON as a user; a path without a leading slash is below /api/v1."""

    def send(user: User, path: str, /, **body: Any) -> Any:
        return client_of(user).post(path if path.startswith("/") else f"/api/v1/{path}", body, format="json")

    return send


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client
