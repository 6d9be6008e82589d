"""The bots' client against answers that a platform in trouble gives."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from iqx.demo import client as module
from iqx.demo.client import Client, Refused, Server

Answer = httpx.Response | httpx.TransportError


class Platform:
    """Gives the answers that it was told to give, in order, and keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self.lines: list[str] = []
        self._answers = list(answers)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def ask(self, call: Callable[[Client], Any]) -> Any:
        async def run() -> Any:
            server = Server("http://platform", self.lines.append)
            server.http = httpx.AsyncClient(base_url="http://platform", transport=httpx.MockTransport(self.answer))
            async with server.http:
                client = Client(server, email="bot@iqx.example", password="secret", name="Bot")
                client._keep({"access": "old", "refresh": "r1"})
                return await call(client)

        return asyncio.run(run())


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waited each time, instead of waiting."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(module.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
    return waited


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code}, headers=headers)


def ok(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_it_waits_as_long_as_it_is_told_and_repeats_a_post_under_its_key(waits: list[float]) -> None:
    platform = Platform(
        problem(429, "throttled", **{"Retry-After": "7"}),
        problem(503, "busy", **{"Retry-After": "soon"}),
        problem(409, "idempotency_in_progress"),
        ok(id="d1"),
    )
    assert platform.ask(lambda client: client.post("/wallet/deposits", amount="5")) == {"id": "d1"}
    assert waits == [7, 1, 2]
    assert len({request.headers["Idempotency-Key"] for request in platform.requests}) == 1


def test_an_outage_is_told_once_and_so_is_its_end(waits: list[float]) -> None:
    platform = Platform(*[httpx.ConnectError("refused")] * 8, ok(), ok())
    platform.ask(lambda client: client.get("/wallet"))
    assert waits == [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert len(platform.lines) == 2
    assert platform.lines[0].startswith("the server is away")
    assert platform.lines[1] == "the server is back"


def test_a_no_is_a_no(waits: list[float]) -> None:
    platform = Platform(problem(422, "insufficient_funds"))
    with pytest.raises(Refused) as refusal:
        platform.ask(lambda client: client.post("/orders"))
    assert (refusal.value.status, refusal.value.code) == (422, "insufficient_funds")
    assert waits == []


def test_an_answer_that_is_no_problem_document_is_a_no_too() -> None:
    for body in (b"<html>", b"[]"):
        with pytest.raises(Refused, match="500"):
            Platform(httpx.Response(500, content=body)).ask(lambda client: client.get("/wallet"))


def test_an_expired_token_is_renewed_and_the_request_repeated() -> None:
    platform = Platform(problem(401, "authentication_failed"), ok(access="new", refresh="r2"), ok(total="1"))
    assert platform.ask(lambda client: client.get("/wallet")) == {"total": "1"}
    assert [request.headers.get("Authorization") for request in platform.requests] == ["Bearer old", None, "Bearer new"]


def test_an_ended_session_is_opened_anew() -> None:
    platform = Platform(
        problem(401, "authentication_failed"),
        problem(401, "authentication_failed"),
        problem(409, "email_taken"),
        ok(access="new", refresh="r2"),
        ok(total="1"),
    )
    assert platform.ask(lambda client: client.get("/wallet")) == {"total": "1"}
    paths = [request.url.path for request in platform.requests]
    assert paths[1:4] == ["/api/v1/auth/refresh", "/api/v1/auth/register", "/api/v1/auth/login"]


def test_tokens_that_somebody_renewed_meanwhile_are_good() -> None:
    platform = Platform()
    platform.ask(lambda client: client.renew("older"))
    assert platform.requests == []


def test_an_answer_without_a_body_is_none() -> None:
    assert Platform(httpx.Response(204)).ask(lambda client: client.post("/auth/logout")) is None


def test_it_waits_for_the_server_to_come_up(waits: list[float]) -> None:
    platform = Platform(httpx.ConnectError("refused"), httpx.Response(503), httpx.Response(200))
    platform.ask(lambda client: client.server.wait_until_up())
    assert waits == [0.5, 0.5]
