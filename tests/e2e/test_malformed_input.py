"""What attackers and broken clients send: to every operation that reads a body, and into each of its fields."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import User
from tests.e2e.document import Operation, operations
from tests.e2e.snapshot import snapshot
from tests.e2e.world import GOOD_BODIES, SOMEBODY, World
from tests.factories.accounts import log_in
from tests.feed.clients import ServerProcess

PUBLIC_BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/auth/email/verify": {"token": "none"},
    "POST /api/v1/auth/login": {"email": "nobody@iqx.example", "password": "a long enough passphrase"},
    "POST /api/v1/auth/login/passkey": {"challenge": SOMEBODY, "credential": {}},
    "POST /api/v1/auth/logout": {"refresh": "none"},
    "POST /api/v1/auth/not-me": {"token": "none"},
    "POST /api/v1/auth/password/reset": {"email": "nobody@iqx.example"},
    "POST /api/v1/auth/password/reset/confirm": {"token": "none", "password": "a long enough passphrase"},
    "POST /api/v1/auth/refresh": {"refresh": "none"},
    "POST /api/v1/auth/register": {"email": "new@iqx.example", "password": "a long enough passphrase"},
}
BODIES = GOOD_BODIES | PUBLIC_BODIES
READING = [operation for operation in operations() if operation.has_body]

JSON = "application/json"
UNREADABLE: dict[str, tuple[str, bytes]] = {
    "an array": (JSON, b"[]"),
    "a text": (JSON, b'"text"'),
    "null": (JSON, b"null"),
    "half an object": (JSON, b'{"amount": '),
    "NaN": (JSON, b'{"amount": NaN}'),
    "Infinity": (JSON, b'{"amount": -Infinity}'),
    "beyond doubles": (JSON, b'{"amount": 1e999999999}'),
    "a long integer": (JSON, b'{"amount": ' + b"9" * 100_000 + b"}"),
    "NUL": (JSON, b'{"amount": "\\u0000"}'),
    "half a surrogate pair": (JSON, b'{"amount": "\\ud800"}'),
    "bad UTF-8": (JSON, b'{"amount": "\xff\xfe"}'),
    "UTF-16": (f"{JSON}; charset=utf-16", '{"amount": "1"}'.encode("utf-16")),
    "deep nesting": (JSON, b'{"amount": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "a key twice": (JSON, b'{"amount": "1", "amount": "2"}'),
    "XML": ("application/xml", b"<amount>1</amount>"),
    "a form": ("application/x-www-form-urlencoded", b"amount=1"),
    "no type": ("", b'{"amount": "1"}'),
    "nonsense for a type": ("\x7f;;;=", b'{"amount": "1"}'),
    "multipart without a boundary": ("multipart/form-data", b"--\r\n"),
    "multipart cut off": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
}
ODD_VALUES: list[Any] = [
    None, True, [], {}, [[[]]], {"$ne": None}, -1, 0, 10**60, 1.5, "", " ", "-0", "1e400", "NaN", "0x10", "٣", "\x7f",
    "\u202e", "a" * 100_000, "'; DROP TABLE accounts_user; --", "../../etc/passwd", "{{7*7}}", "%00%ff",
    "2026-02-30T25:00:00Z", "9999-12-31T23:59:59.999999+23:59", "0001-01-01T00:00:00-23:59", str(uuid4()), "😀" * 50,
]  # fmt: skip


@pytest.fixture
def client(db: None) -> Client:
    return Client(raise_request_exception=False)


def send(
    client: Client, world: World, access: dict[User, str], operation: Operation, content_type: str, body: bytes
) -> HttpResponseBase:
    user = world.admin if operation.is_for_staff else world.alice
    headers = {"Authorization": f"Bearer {access[user]}", "Idempotency-Key": str(uuid4())}
    return client.generic(operation.method, world.path(operation.path), body, content_type, headers=headers)


@pytest.fixture
def access(db: None, world: World) -> dict[User, str]:
    """A token of each who asks."""
    return {user: log_in(user).tokens.access for user in (world.alice, world.admin)}


def test_there_is_a_good_body_for_every_operation() -> None:
    assert {str(operation) for operation in READING} == set(BODIES)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_is_refused_everywhere(
    client: Client, world: World, access: dict[User, str], kind: str
) -> None:
    before = {table: rows for table, rows in snapshot().items() if not table.startswith("accounts_")}
    for operation in READING:
        answer = send(client, world, access, operation, *UNREADABLE[kind])
        assert answer.status_code in {400, 413, 415}, (operation, answer)
        assert answer.headers["Content-Type"] == "application/problem+json", operation
    assert {table: rows for table, rows in snapshot().items() if table in before} == before


@pytest.mark.parametrize("operation", READING, ids=str)
def test_odd_values_in_any_field_are_answered_in_json(
    client: Client, world: World, access: dict[User, str], operation: Operation
) -> None:
    for body in spoilt(BODIES[str(operation)]):
        answer = send(client, world, access, operation, JSON, json.dumps(body).encode())
        assert answer.status_code < 500, (body, answer)
        assert answer.status_code == 204 or "json" in answer.headers["Content-Type"], (body, answer)


def spoilt(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with each of its fields in turn missing, and with each odd value; and with a field too many."""
    for name in body:
        yield {field: value for field, value in body.items() if field != name}
        for odd in ODD_VALUES:
            yield {**body, name: odd}
    yield {**body, "__proto__": {"is_staff": True}, "user": str(uuid4()), "status": "released"}


@pytest.mark.parametrize(
    "target",
    [
        "//api//v1//markets",
        "/api/v1/markets//",
        "/api/v1/markets/",
        "/api/v1/markets/%00",
        "/api/v1/markets/%ff%fe",
        "/api/v1/markets/%zz",
        "/api/v1/markets/%ed%a0%80",
        "/api/v1/markets/..%2f..%2fadmin",
        "/api/v1/orders/not-a-uuid",
        "/api/v1/orders/00000000-0000-0000-0000-000000000000%0a",
        "/api/v1/orders?limit=1e3",
        "/api/v1/orders?limit=0&limit=5",
        "/api/v1/orders?limit=%D9%A3",
        "/api/v1/orders?limit=999999999999999999999",
        "/api/v1/orders?cursor=%00",
        "/api/v1/orders?cursor=PjIwMjY",
        "/api/v1/orders?cursor=%ff",
        "/api/v1/orders?status=%ff&market=%f0",
        "/api/v1/orders?" + "a=1&" * 3000,
        "/api/v1/wallet/entries?format=html",
        "/api/v1/markets?format=api",
        "/api/" + "x" * 4000,
        "/api/v1/orders;jsessionid=1",
        "/api/v1/transactions?settled_after=0000-00-00T99:99",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_odd_addresses_are_answered_in_json(platform: ServerProcess, target: str) -> None:
    status, content_type, body = raw(platform, "GET", target)
    assert status < 500, body
    assert "json" in content_type
    json.loads(body)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "CONNECT", "PROPFIND", "get", "X" * 100])
@pytest.mark.django_db(transaction=True)
def test_odd_methods_are_refused_in_json(platform: ServerProcess, method: str) -> None:
    status, content_type, body = raw(platform, method, "/api/v1/orders")
    assert status in {400, 401, 405}, body
    assert "json" in content_type


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@pytest.mark.django_db(transaction=True)
def test_no_header_changes_the_method(platform: ServerProcess, header: str) -> None:
    assert raw(platform, "GET", "/api/v1/markets", {header: "DELETE"})[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:99999999"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Basic Og=="},
        {"Cookie": "sessionid=\xff; csrftoken=;;=="},
        {"X-Request-ID": "a b\xff"},
        {"X-Forwarded-For": "not an address, ,"},
        {"Accept": "text/html"},
        {"Accept-Language": "x" * 3000},
        {"Idempotency-Key": "\xff"},
        {"Content-Length": "0", "Transfer-Encoding": "identity"},
    ],
    ids=str,
)
@pytest.mark.django_db(transaction=True)
def test_odd_headers_are_answered_in_json(platform: ServerProcess, headers: dict[str, str]) -> None:
    for method, target in (("GET", "/api/v1/markets"), ("GET", "/api/v1/wallet"), ("POST", "/api/v1/auth/login")):
        status, content_type, body = raw(platform, method, target, headers)
        assert status < 500, body
        assert "json" in content_type


def raw(
    platform: ServerProcess, method: str, target: str, headers: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """A request as it is given, unlike what a well-behaved client makes of it."""
    at = urlsplit(platform.address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
    try:
        connection.putrequest(method, target, skip_host="Host" in (headers or {}), skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()
