"""Every operation of the OpenAPI document, asked by those who have no right to it: nothing told, nothing changed."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from tests.e2e.document import Operation, operations
from tests.e2e.snapshot import snapshot
from tests.e2e.world import GOOD_BODIES, World, make_world
from tests.factories.accounts import auth_client, make_user

pytestmark = pytest.mark.django_db

# An offer is there for strangers to take.
OPEN_TO_STRANGERS = {"POST /api/v1/orders/{order_id}/take", "GET /api/v1/orders/{order_id}/permissions"}

CHANGED_BY_THEIR_OWNER = {
    "accounts_apikey",
    "accounts_relation",
    "accounts_paymentaccount",
    "accounts_session",
    "disputes_dispute",
    "orders_order",
    "support_ticket",
    "trades_trade",
    "wallets_withdrawal",
    "wallets_withdrawaladdress",
}

PRIVATE = [operation for operation in operations() if not operation.is_public]
OF_ONE_OWNER = [
    operation
    for operation in PRIVATE
    if operation.path_parameters and not operation.is_for_staff and str(operation) not in OPEN_TO_STRANGERS
]
OF_STAFF = [operation for operation in PRIVATE if operation.is_for_staff]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def ask(client: APIClient, operation: Operation, path: str) -> tuple[int, str]:
    """The status and code of the answer to a request that would be good if it came from the right person."""
    body = {"data": GOOD_BODIES[str(operation)], "format": "json"} if operation.has_body else {}
    call = getattr(client, operation.method.lower())
    answer = call(path, **body, headers={"Idempotency-Key": str(uuid4())})
    is_problem = answer.headers.get("Content-Type") == "application/problem+json"
    return answer.status_code, answer.json()["code"] if is_problem else ""


def answers(client: APIClient, asked: list[Operation], ids: dict[str, Any]) -> dict[str, tuple[int, str]]:
    return {str(operation): ask(client, operation, operation.path.format(**ids)) for operation in asked}


def test_there_is_a_good_request_for_every_operation() -> None:
    asked = {str(operation) for operation in PRIVATE if operation.has_body}
    assert asked == set(GOOD_BODIES)


def test_there_is_an_object_for_every_path(world: World) -> None:
    assert {name for operation in operations() for name in operation.path_parameters} == set(world.ids)


def test_an_object_of_another_does_not_exist(world: World) -> None:
    stranger = auth_client(world.stranger)
    before = snapshot()
    of_another = answers(stranger, OF_ONE_OWNER, world.ids)
    of_nobody = answers(stranger, OF_ONE_OWNER, dict.fromkeys(world.ids, uuid4()))
    assert of_another == of_nobody == {str(operation): (404, "not_found") for operation in OF_ONE_OWNER}
    assert snapshot() == before


def test_what_is_for_staff_is_refused_to_everybody_else(world: World) -> None:
    owner = auth_client(world.alice)
    before = snapshot()
    assert answers(owner, OF_STAFF, world.ids) == {str(operation): (403, "permission_denied") for operation in OF_STAFF}
    assert snapshot() == before


def test_who_has_no_token_is_told_to_authenticate(world: World) -> None:
    before = snapshot()
    told = answers(APIClient(), PRIVATE, world.ids)
    assert told == {str(operation): (401, "not_authenticated") for operation in PRIVATE}
    assert snapshot() == before


def test_a_false_token_is_refused_everywhere(world: World) -> None:
    client = APIClient(headers={"Authorization": "Bearer e30.e30.e30"})
    told = answers(client, PRIVATE, world.ids)
    assert told == {str(operation): (401, "authentication_failed") for operation in PRIVATE}


def test_the_owner_is_answered(world: World) -> None:
    """Control: the same requests reach their objects when the owner sends them, and change what they should."""
    before = snapshot()
    told = answers(auth_client(world.alice), OF_ONE_OWNER, world.ids)
    assert {operation: status for operation, (status, _) in told.items() if status in {400, 401, 403, 404}} == {
        "GET /api/v1/webhooks/{webhook_id}/deliveries": 404,  # it has just been deleted
        "POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": 404,
        "POST /api/v1/trades/{trade_id}/cancel": 403,  # the buyer's
        "POST /api/v1/trades/{trade_id}/cancel-request/accept": 403,
        "POST /api/v1/trades/{trade_id}/cancel-request/reject": 403,
        "POST /api/v1/trades/{trade_id}/paid": 403,
    }
    assert {table for table, rows in snapshot().items() if rows != before[table]} >= CHANGED_BY_THEIR_OWNER


def test_an_offer_taken_by_a_stranger_is_a_trade_with_him(world: World) -> None:
    path = world.path("/api/v1/orders/{order_id}/take")
    stranger = make_user()  # alice has blocked the other one
    answer = auth_client(stranger).post(path, {"amount": "1", "version": 2}, format="json")
    assert answer.status_code == 201, answer.json()
    (trade,) = answer.json()["trades"]
    assert trade["buyer"]["id"] == str(stranger.id)
