"""Every list of the OpenAPI document: in pages, each with the same number of queries however much there is."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.kyc.services import submit_kyc
from accounts.models import Passkey, Relation, Role
from accounts.services import ask_for_role, create_api_key
from accounts.trust.services import relate, tune_rule
from disputes.services import open_dispute
from iqx.notices.addresses import subscribe
from iqx.notices.dispatch import Dispatcher
from support.models import CannedAnswer, Ticket
from support.services import open_ticket
from tests.e2e.document import Operation, operations
from tests.e2e.world import PAPERS, World, flag, make_world
from tests.factories.accounts import auth_client, log_in, make_user
from tests.factories.notices import make_webhook
from tests.factories.orders import place, trade_between
from tests.factories.payments import add_account
from tests.factories.wallets import fund, withdraw
from trades.feedback import give_feedback
from trades.services import reject_cancel, request_cancel
from wallets.services import add_address, request_adjustment

pytestmark = pytest.mark.django_db

# These few are bounded by what operators set up, or by their own limit.
WHOLE = {
    "GET /api/admin/rules",
    "GET /api/v1/announcements",
    "GET /api/v1/markets",
    "GET /api/v1/markets/{symbol}/candles",
    "GET /api/v1/payment-methods",
}
GETS = [operation for operation in operations() if operation.method == "GET"]
LISTS = [operation for operation in GETS if operation.is_list]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def add_to_every_list(world: World, count: int) -> None:
    """One more of everything, by and for alice, `count` times; each with other people."""
    for number in range(count):
        other = make_user()
        fund(other, 1000)
        disputed = trade_between(other, world.alice, 10, status="paid")
        open_dispute(trade_id=disputed.id, actor_id=world.alice.id, reason="other", statement="A claim.")
        sold = trade_between(world.alice, other, 10, status="released")
        bought = trade_between(world.bob, world.alice, 10, status="released")
        place(other, "buy", "0.5", 10)
        place(world.alice, "sell", 3, 10)
        request_cancel(trade_id=world.ids["trade_id"], actor_id=world.alice.id)  # type: ignore[arg-type]
        reject_cancel(trade_id=world.ids["trade_id"], actor_id=world.bob.id)  # type: ignore[arg-type]
        fund(world.alice, 1)
        withdraw(world.alice, 1)
        add_address(user=world.alice, name=f"Safe {number}", address=f"0x{other.id.hex:0>40}", network="sandbox")
        add_account(world.alice, "sepa")
        place(world.alice, "buy", "0.9", 10, payment_methods=["cash"])
        place(other, "sell", "0.9", 10, payment_methods=["cash"])
        log_in(world.alice)
        create_api_key(user_id=world.alice.pk, name=f"Bot {number}", scopes=["read"])
        Passkey.objects.create(user=world.alice, name="Key", credential_id=other.id.bytes, public_key=b"2")
        give_feedback(trade_id=sold.id, actor_id=other.id, rating=4)
        give_feedback(trade_id=bought.id, actor_id=world.alice.id, rating=4)
        tune_rule(code=str(world.ids["rule_code"]), actor=world.admin, enabled=True, reason="As it was.")
        flag(other, sold.id)
        ask_for_role(user_id=other.pk, actor_id=world.admin.pk, role=Role.SUPPORT, reason="Hired.")
        request_adjustment(user=other, amount=Decimal(1), reason="A gift.", actor=world.admin)
        submit_kyc(user_id=other.pk, documents={}, **PAPERS)
        for kind in Relation.Kind:
            relate(owner_id=world.alice.id, other_id=make_user().id, kind=kind)
        CannedAnswer.objects.create(title=str(other.id), body="Hello.")
        open_ticket(user=world.alice, subject="Help", category=Ticket.Category.OTHER, body="Please.")
        make_webhook(world.alice)
        subscribe(user=world.alice, type="fcm", address={"token": f"of app {other.id}"})
    Dispatcher().round()


def client_for(operation: Operation, world: World) -> APIClient:
    return auth_client(world.admin if operation.is_for_staff else world.alice)


def read(client: APIClient, path: str) -> tuple[Any, int]:
    """The page, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.json())
    return answer.json(), len(queries)


def test_what_answers_with_an_array_is_short_by_nature() -> None:
    assert {str(operation) for operation in GETS if operation.answer.get("type") == "array"} == WHOLE


def test_every_list_takes_the_same_number_of_queries_at_twice_the_length(world: World) -> None:
    add_to_every_list(world, 4)
    clients = {str(operation): client_for(operation, world) for operation in LISTS}
    paths = {str(operation): f"{world.path(operation.path)}?limit=200" for operation in LISTS}
    few = {name: read(clients[name], path) for name, path in paths.items()}
    add_to_every_list(world, 4)
    many = {name: read(clients[name], path) for name, path in paths.items()}

    not_longer = {name for name in many if len(many[name][0]["results"]) < len(few[name][0]["results"]) + 4}
    assert not_longer == set()  # control: there is more to read
    assert {name: queries for name, (_, queries) in many.items()} == {
        name: queries for name, (_, queries) in few.items()
    }
    assert max(queries for _, queries in many.values()) <= 6


def test_the_pages_of_every_list_hold_every_row_once(world: World) -> None:
    add_to_every_list(world, 4)
    for operation in LISTS:
        client, path = client_for(operation, world), world.path(operation.path)
        whole, _ = read(client, f"{path}?limit=200")
        pages = [read(client, f"{path}?limit=3")[0]]
        while pages[-1]["next"]:
            pages.append(read(client, pages[-1]["next"])[0])
        assert [row for page in pages for row in page["results"]] == whole["results"], operation
        assert {len(page["results"]) for page in pages[:-1]} == {3}, operation
        if "previous" in whole:
            check_the_way_back(client, pages)


def check_the_way_back(client: APIClient, pages: list[Any]) -> None:
    assert pages[0]["previous"] is None
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(read(client, back[-1]["previous"])[0])
    assert [page["results"] for page in back[::-1]] == [page["results"] for page in pages]
