import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core import events
from iqx.core.events import NewEvent, user_stream
from iqx.core.transactions import use_case
from iqx.notices.dispatch import Dispatcher
from iqx.notices.models import Delivery, Notice, Webhook
from iqx.notices.webhooks import challenge, create_webhook
from tests.factories.accounts import make_user
from tests.factories.locks import without_locks
from tests.factories.trading import moved_clock, quick_and_unlimited
from tests.notices.servers import Subscriber, serving

__all__ = ["moved_clock", "quick_and_unlimited", "without_locks"]

TRADE = {
    "id": "01a2065d-c396-778d-8b70-43545b25bc67",
    "market": "USDT-EUR",
    "role": "seller",
    "buyer": {"id": "b", "display_name": "Bob"},
    "seller": {"id": "s", "display_name": "Alice"},
    "amount": "100.000000",
    "total": "92.75",
    "quote": "EUR",
    "reference": "IQX-HRTN2ZVPNF",
    "status": "paid",
    "deadline": "2026-11-24T13:05:00.000000Z",
}


@pytest.fixture
def user(db: None) -> User:
    return make_user()


@pytest.fixture
def stranger(db: None) -> User:
    return make_user()


@use_case
def happen(user: User, *happened: tuple[str, dict[str, Any]]) -> None:
    """Append events to the user's stream, as use cases do."""
    events.append([NewEvent(user_stream(user.pk), type_, data) for type_, data in happened])


def tell(user: User, type_: str = "trade_paid", **data: Any) -> Notice | None:
    """Let something happen and have it told; the notice, if it became one."""
    happen(user, (type_, TRADE | data))
    Dispatcher().round()
    seq = events.head_of(user_stream(user.pk))
    return Notice.objects.filter(user=user, seq=seq).first()


def kinds(notices: Iterable[Notice]) -> list[str]:
    return [notice.kind for notice in notices]


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def private_targets(settings: Any) -> None:
    """This machine's own servers may be posted to."""
    settings.PRIVATE_TARGETS = True


@pytest.fixture
def subscriber(private_targets: None) -> Iterator[Subscriber]:
    """Somebody's server that takes webhooks."""
    server = Subscriber()
    with serving(server):
        yield server


def challenges_due() -> list[str]:
    """The webhooks that jobs would challenge now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'notices.challenge_webhook' ORDER BY id")
        return [json.loads(args)["webhook_id"] if isinstance(args, str) else args["webhook_id"] for (args,) in cursor]


@pytest.fixture
def hook(user: User, subscriber: Subscriber) -> Webhook:
    """An active webhook of the user's, for all events."""
    made, _ = create_webhook(user=user, url=f"{subscriber.url}/iqx")
    assert challenge(made.pk)
    made.refresh_from_db()
    Dispatcher().round()
    Delivery.objects.all().delete()
    return made
