"""API keys: made, used within their bounds, revoked; and a table of which scope opens which operation."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import services
from accounts.errors import KeyAddressRefused, ScopeMissing
from accounts.feed import live_sessions
from accounts.models import ApiKey, Scope, User
from iqx.core import clock
from tests.accounts.conftest import Travel
from tests.e2e.document import Operation, operations
from tests.e2e.snapshot import snapshot
from tests.e2e.world import GOOD_BODIES, World, make_world
from tests.factories.accounts import auth_client, code_of, make_user, with_two_factor

pytestmark = pytest.mark.django_db

KEYS = "/api/v1/auth/api-keys"
WALLET = "/api/v1/wallet"


def make_key(user: User, *scopes: str, **fields: Any) -> str:
    return services.create_api_key(user_id=user.pk, name="Bot", scopes=scopes or ["read"], **fields).secret


def by_key(key: str, **options: Any) -> APIClient:
    client = APIClient(**options)
    client.credentials(HTTP_AUTHORIZATION=f"Key {key}")
    return client


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestMaking:
    def test_shows_the_key_once(self, user: User) -> None:
        client = auth_client(user)
        body = {"name": "Bot", "scopes": ["trade", "read"], "allowed_ips": ["192.0.2.7/24", "2001:db8::1"]}
        made = client.post(KEYS, body, format="json").json()
        assert made["allowed_ips"] == ["192.0.2.0/24", "2001:db8::1/128"]
        assert (made["scopes"], made["expires_at"], made["last_used_at"]) == (["read", "trade"], None, None)
        assert made["key"].startswith(made["prefix"])
        (listed,) = client.get(KEYS).json()["results"]
        assert listed == {name: value for name, value in made.items() if name != "key"}
        assert ApiKey.objects.get().digest != made["key"]

    def test_demands_the_second_factor(self, user: User) -> None:
        secret = with_two_factor(user)
        client, body = auth_client(user), {"name": "Bot", "scopes": ["read"]}
        assert told(client.post(KEYS, body, format="json")) == (401, "otp_required")
        assert told(client.post(KEYS, body | {"otp": "000000"}, format="json")) == (401, "otp_invalid")
        assert not ApiKey.objects.exists()
        assert client.post(KEYS, body | {"otp": code_of(secret)}, format="json").status_code == 201

    @pytest.mark.parametrize(
        "spoilt",
        [
            {"scopes": []},
            {"scopes": ["admin"]},
            {"name": ""},
            {"allowed_ips": ["example.com"]},
            {"expires_at": "2020-01-01T00:00:00Z"},
        ],
    )
    def test_refuses_what_makes_no_sense(self, user: User, spoilt: dict[str, Any]) -> None:
        body = {"name": "Bot", "scopes": ["read"], **spoilt}
        assert told(auth_client(user).post(KEYS, body, format="json")) == (400, "validation_error")
        assert not ApiKey.objects.exists()

    def test_ends_at_twenty(self, user: User) -> None:
        for _ in range(20):
            make_key(user)
        answer = auth_client(user).post(KEYS, {"name": "Bot", "scopes": ["read"]}, format="json")
        assert told(answer) == (422, "too_many_api_keys")
        assert ApiKey.objects.count() == 20


class TestUsing:
    def test_costs_one_query_and_a_note_once_a_minute(self, user: User, travel: Travel) -> None:
        client = by_key(make_key(user))
        counts = []
        for seconds in (0, 30, 30):
            travel.forward(seconds=seconds)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(WALLET).status_code == 200
            counts.append(len([query for query in queries if "accounts_apikey" in query["sql"]]))
        assert counts == [2, 1, 2]
        assert ApiKey.objects.get().last_used_at == travel.now

    def test_ends_at_once_when_it_is_revoked(self, user: User, ended: list[Any]) -> None:
        client = by_key(make_key(user))
        assert client.get(WALLET).status_code == 200
        key = ApiKey.objects.get()
        assert auth_client(user).delete(f"{KEYS}/{key.pk}").status_code == 204
        assert told(client.get(WALLET)) == (401, "authentication_failed")
        assert told(auth_client(user).delete(f"{KEYS}/{key.pk}")) == (404, "not_found")
        assert auth_client(user).get(KEYS).json()["results"] == []

    def test_ends_with_its_expiry_and_with_a_suspension(self, user: User, travel: Travel) -> None:
        lasting, passing = make_key(user), make_key(user, expires_at=clock.now() + timedelta(hours=1))
        travel.forward(hours=1)
        assert told(by_key(passing).get(WALLET)) == (401, "authentication_failed")
        assert by_key(lasting).get(WALLET).status_code == 200
        services.suspend_user(user_id=user.pk, actor_id=make_user(role="admin").pk)
        assert told(by_key(lasting).get(WALLET)) == (401, "authentication_failed")

    @pytest.mark.parametrize(
        ("address", "status"), [("192.0.2.9", 200), ("192.0.3.9", 403), ("2001:db8::7", 200), ("::ffff:192.0.2.9", 200)]
    )
    def test_keeps_to_its_allow_list(self, user: User, address: str, status: int) -> None:
        key = make_key(user, allowed_ips=["192.0.2.0/24", "2001:db8::/64"])
        answer = by_key(key).get(WALLET, REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="192.0.2.1")
        assert answer.status_code == status
        assert status == 200 or told(answer) == (403, "key_address_refused")

    @pytest.mark.parametrize("key", ["", "iqx_", "iqx_nonsense", "\u20ac"])
    def test_takes_no_other(self, user: User, key: str) -> None:
        make_key(user)
        assert told(by_key(key).get(WALLET))[0] == 401


class TestAtASocket:
    def test_a_key_that_reads_opens_it_until_it_is_revoked(self, user: User, ended: list[Any]) -> None:
        holder = services.authenticate_access(make_key(user))
        assert holder.user_id == user.pk
        assert live_sessions([holder]) == {holder.session_id}
        services.revoke_api_key(user_id=user.pk, key_id=holder.session_id)
        assert live_sessions([holder]) == set()

    @pytest.mark.parametrize(
        ("fields", "error"),
        [({"allowed_ips": ["192.0.2.0/24"]}, KeyAddressRefused), ({"scopes": ["trade"]}, ScopeMissing)],
    )
    def test_another_does_not(self, user: User, fields: dict[str, Any], error: type[Exception]) -> None:
        made = services.create_api_key(user_id=user.pk, name="Bot", **{"scopes": ["read"]} | fields)
        with pytest.raises(error):
            services.authenticate_access(made.secret)


# The table. A new operation stands in none of the columns below until its view says, by its place, what opens it.

PRIVATE = [operation for operation in operations() if not operation.is_public]
WITHDRAW = {
    "POST /api/v1/wallet/addresses",
    "DELETE /api/v1/wallet/addresses/{address_id}",
    "POST /api/v1/wallet/withdrawals",
    "POST /api/v1/wallet/withdrawals/{withdrawal_id}/cancel",
}


def opened_by(operation: Operation) -> Scope | None:
    if operation.path.startswith(("/api/v1/auth/", "/api/admin/", "/api/monitor/")):
        return None
    if operation.method == "GET":
        return Scope.READ
    return Scope.WITHDRAW if str(operation) in WITHDRAW else Scope.TRADE


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def refusal(client: APIClient, operation: Operation, world: World) -> str:
    """The code, if it is refused for its scope; whatever else it is answered is no matter here."""
    body = {"data": GOOD_BODIES[str(operation)], "format": "json"} if operation.has_body else {}
    call = getattr(client, operation.method.lower())
    answer = call(world.path(operation.path), **body, headers={"Idempotency-Key": str(uuid4())})
    is_problem = answer.headers.get("Content-Type") == "application/problem+json"
    code = answer.json()["code"] if is_problem else ""
    return code if code in {"scope_missing", "not_authenticated", "authentication_failed"} else ""


def test_each_operation_is_opened_by_one_scope_or_by_none(world: World) -> None:
    expected = {str(operation): opened_by(operation) for operation in PRIVATE}
    assert set(expected.values()) == {None, *Scope}
    assert {name for name, scope in expected.items() if scope == Scope.WITHDRAW} == WITHDRAW
    seen: dict[str, list[Scope]] = {name: [] for name in expected}
    for scope in Scope:
        clients = {user: by_key(make_key(user, scope)) for user in (world.alice, world.admin)}
        for operation in PRIVATE:
            client = clients[world.admin if operation.is_for_staff else world.alice]
            if not refusal(client, operation, world):
                seen[str(operation)].append(scope)
    assert seen == {name: [scope] if scope else [] for name, scope in expected.items()}


def test_what_is_refused_for_its_scope_changes_nothing(world: World) -> None:
    client = by_key(make_key(world.alice, Scope.READ))
    client.get(WALLET)
    before = snapshot()
    changing = [operation for operation in PRIVATE if operation.method != "GET"]
    assert {refusal(client, operation, world) for operation in changing} == {"scope_missing"}
    assert snapshot() == before


def test_what_is_public_needs_no_scope(world: World) -> None:
    client = by_key(make_key(world.alice, Scope.WITHDRAW))
    public = [o for o in operations() if o.is_public and o.method == "GET"]
    assert {refusal(client, operation, world) for operation in public} == {""}
