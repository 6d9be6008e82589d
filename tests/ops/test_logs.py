"""Log lines say what they are about, and give nothing away."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.db import connections
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core import logs
from tests.factories.accounts import PASSWORD, log_in
from tests.factories.orders import SYMBOL, trade_between

pytestmark = pytest.mark.django_db


class Written:
    """What a formatter made of everything that was logged."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(logs.ContextFilter())

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    """Every record there is, down to the most talkative library's, as production writes it."""
    captured = Written(logs.JsonFormatter())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(captured.handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield captured
    loggers[0].removeHandler(captured.handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def test_a_line_names_request_user_and_trade(
    written: Written, seller: User, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = trade_between(seller, buyer)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a fault, password=hunter2hunter2")

    monkeypatch.setattr("trades.api.views.services.mark_paid", fail)
    headers = {"Authorization": f"Bearer {log_in(buyer).tokens.access}", "X-Request-ID": "mine-1"}
    assert APIClient().post(f"/api/v1/trades/{trade.id}/paid", {}, format="json", headers=headers).status_code == 500
    (line,) = [line for line in written.objects() if line["level"] == "ERROR"]  # one, though Django has one, too
    assert line["message"] == "Unforeseen error: RuntimeError"
    assert (line["request_id"], line["user"], line["trade"]) == ("mine-1", str(buyer.id), str(trade.id))
    assert "in fail" in line["trace"]
    assert "hunter2" not in written.text
    APIClient().get("/api/v1/time")
    logging.getLogger("iqx").warning("after")
    assert "user" not in written.objects()[-1]


def test_no_secret_reaches_the_log(written: Written, seller: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        connections["default"], "force_debug_cursor", True
    )  # every statement is logged, with its values
    client = APIClient()
    answer = client.post("/api/v1/auth/login", {"email": seller.email, "password": PASSWORD}, format="json").json()
    headers = {"Authorization": f"Bearer {answer['access']}"}
    key = client.post(
        "/api/v1/auth/api-keys",
        {"name": "bot", "scopes": ["read"], "password": PASSWORD},
        format="json",
        headers=headers,
    ).json()
    secret = client.post("/api/v1/auth/2fa/setup", {"password": PASSWORD}, format="json", headers=headers).json()
    client.post("/api/v1/auth/refresh", {"refresh": answer["refresh"]}, format="json")
    client.get("/api/v1/wallet", headers={"Authorization": f"Key {key['key']}"})
    client.post("/api/v1/orders", {"market": SYMBOL}, format="json", headers=headers)
    client.get("/api/v1/nope", {"token": answer["access"]})
    secrets = [PASSWORD, answer["access"], answer["refresh"], key["key"], secret["secret"], live_settings.SECRET_KEY]
    assert all(len(text) > 8 for text in secrets)
    assert len(written.text) > 1000
    assert [text for text in secrets if text in written.text] == []


@pytest.mark.parametrize(
    "said",
    [
        "Authorization: Bearer abcdefghijklmnopqrst",
        "Key iqx_abcdefghijklmnopqrst",
        "eyJhbGciOiJI.eyJzdWIiOiIx.abcdefghijklmnopqrst",
        "connecting to postgresql://iqx:abcdefghijklmnopqrst@db:5432/iqx",
        "redis://:abcdefghijklmnopqrst@cache:6379/0",
        '{"password": "abcdefghijklmnopqrst"}',
        "{'refresh_token': 'abcdefghijklmnopqrst'}",
        "IQX_SECRET_KEY=abcdefghijklmnopqrst",
        'form: {\\"otp\\": \\"abcdefghijklmnopqrst\\"}',
        "Set-Cookie: sessionid=abcdefghijklmnopqrst; csrftoken=abcdefghijklmnopqrst",
    ],
)
def test_what_looks_like_a_secret_is_masked(said: str) -> None:
    assert "abcdefghijklmnopqrst" not in logs.redact(said).replace("sessionid=abcdefghijklmnopqrst", "")


def test_what_is_no_secret_stays() -> None:
    said = "Failed for 01a2065d-b146-72b9-8102-b19f450be2c7: the token is None, key (user_id)=(7) exists"
    assert logs.redact(said) == said


def test_a_line_to_read_has_the_context_in_brackets() -> None:
    captured = Written(logs.LineFormatter("{levelname} [{context}] {message}", style="{"))
    logs.begin("r-1")
    with logs.about_trade("t-1"):
        captured.handler.handle(logging.makeLogRecord({"levelname": "INFO", "msg": "sent to Bearer abcdefghijklmnopq"}))
    assert captured.text == "INFO [r-1 trade=t-1] sent to Bearer ***\n"


def test_slow_requests_are_logged_by_pattern(written: Written, settings: Settings) -> None:
    settings.SLOW_REQUEST_MS = 0.0001
    Client().get("/api/v1/files/a-secret-link")
    (line,) = [line for line in written.objects() if line["logger"] == "iqx.core.api.middleware"]
    assert re.fullmatch(r"slow request: GET /api/v1/files/<str:token> answered with \d+ after \d+ ms", line["message"])
    assert line["route"] == "/api/v1/files/<str:token>"
    assert "a-secret-link" not in line["message"]
