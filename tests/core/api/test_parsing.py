import json
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.exceptions import ValidationError

from iqx.core.api.errors import Malformed
from iqx.core.api.fields import AmountField, PriceField
from iqx.core.api.parsers import parse_object
from tests.core.api.conftest import Post
from tests.core.api.test_problems import assert_problem

pytestmark = pytest.mark.urls("tests.core.api.endpoints")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"17",
        b'{"count": NaN}',
        b'{"count": -Infinity}',
        b'{"count": 1e999999}',
        b'{"count": 0.' + b"1" * 100 + b"}",
        b'{"count": 1e-999}',
        b'{"count": ' + b"9" * 5000 + b"}",
        b'{"text": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"text": "\\u0000"}',
        b'{"lines": [["\\u0000"]]}',
        b'{"text": "\x00"}',
        b'{"text": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"text": "a", "text": "b"}',
        b'{"lines": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"lines": ' + b"[" * 33 + b"]" * 33 + b"}",
        b'{"lines":' * 500 + b"1" + b"}" * 500,
    ],
    ids=lambda body: body[:24].decode(errors="replace"),
)
def test_what_is_not_plain_json_is_malformed(client: Client, body: bytes) -> None:
    if body:
        assert_problem(client.post("/api/v1/echo", body, content_type="application/json"), 400, "malformed")
    with pytest.raises(Malformed):
        parse_object(body)


def test_ordinary_json_is_read_exactly() -> None:
    read = parse_object(b'{"a": 0.1, "b": 12, "c": "\\ud83d\\ude00", "d": [{"e": null}], "f": 1E2}')
    assert read == {"a": Decimal("0.1"), "b": 12, "c": "\U0001f600", "d": [{"e": None}], "f": Decimal(100)}


def test_a_body_too_large_is_refused(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = json.dumps({"text": "x" * 100})
    assert_problem(client.post("/api/v1/echo", body, content_type="application/json"), 413, "payload_too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "nonsense", "a" * 500])
def test_a_body_of_another_type_is_refused(client: Client, content_type: str) -> None:
    response = client.generic("POST", "/api/v1/echo", b"{}", content_type=content_type)
    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("1", "1"),
        ("0.000001", "0.000001"),
        ("00012.50", "12.50"),
        ("99999999999999.999999", "99999999999999.999999"),
        (12, "12"),
        (Decimal("0.1"), "0.1"),
        (Decimal("1E+2"), "100"),
    ],
)
def test_amounts_are_read_exactly(sent: object, read: str) -> None:
    value = AmountField().run_validation(sent)
    assert value == Decimal(read)
    assert str(value) == read.lstrip("+")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("1.0000001", "too_many_decimals"),
        (Decimal("1E-7"), "too_many_decimals"),
        ("100000000000000", "too_large"),
        (Decimal("1E+20"), "too_large"),
        ("0", "not_positive"),
        ("-0.000000", "not_positive"),
        ("-1", "not_positive"),
        (-1, "not_positive"),
        ("", "invalid"),
        ("1e2", "invalid"),
        ("NaN", "invalid"),
        ("Infinity", "invalid"),
        ("+1", "invalid"),
        (" 1", "invalid"),
        ("1\n", "invalid"),
        ("1_000", "invalid"),
        ("1,5", "invalid"),
        (".5", "invalid"),
        ("5.", "invalid"),
        ("\u0661", "invalid"),
        ("9" * 100_000, "invalid"),
        (True, "invalid"),
        ([], "invalid"),
        ({"a": 1}, "invalid"),
        (None, "null"),
    ],
)
def test_other_amounts_are_refused_with_the_reason(sent: object, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        AmountField().run_validation(sent)
    assert refusal.value.get_codes() == [code]


def test_zero_is_an_amount_where_it_may_be() -> None:
    field = AmountField(allow_zero=True)
    assert str(field.run_validation("-0")) == "0"
    with pytest.raises(ValidationError) as refusal:
        field.run_validation("-0.1")
    assert refusal.value.get_codes() == ["negative"]


def test_prices_have_eight_decimals() -> None:
    assert PriceField().run_validation("0.00000001") == Decimal("0.00000001")
    with pytest.raises(ValidationError):
        PriceField().run_validation("0.000000001")
    with pytest.raises(ValidationError):
        PriceField().run_validation("12345678901")


def test_money_leaves_as_strings(post: Post) -> None:
    sent = {"amount": 12.5, "price": "0.92750000", "limit": "0"}
    assert post("/api/v1/echo", sent).json() == {"amount": "12.500000", "price": "0.9275", "limit": "0.000000"}


@pytest.mark.parametrize("count", ["9" * 2000, 10**63, 1.5, {}, [], "\ud83d\ude00"])
def test_odd_integers_are_no_server_error(post: Post, count: object) -> None:
    assert post("/api/v1/echo", {"count": count}).status_code in {200, 400}
