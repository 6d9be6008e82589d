"""People who know the platform by its HTTP API and its sockets alone."""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

from accounts.models import User
from tests.factories.accounts import log_in
from tests.feed.clients import Client, ServerProcess

Json = dict[str, Any]


class Person:
    """Somebody who is logged in; `get` and `post` fail the test unless the answer has the status that is expected."""

    def __init__(self, server: ServerProcess, tokens: Json) -> None:
        self.server = server
        self.access: str = tokens["access"]
        self.refresh: str = tokens["refresh"]
        self._http = httpx.Client(
            base_url=f"{server.address}/api/v1",
            headers={"Authorization": f"Bearer {self.access}"},
            trust_env=False,
            timeout=20,
        )

    @classmethod
    @contextlib.contextmanager
    def logged_in(cls, server: ServerProcess, email: str, password: str) -> Iterator["Person"]:
        credentials = {"email": email, "password": password}
        answer = httpx.post(f"{server.address}/api/v1/auth/login", json=credentials, trust_env=False, timeout=20)
        assert answer.status_code == 200, answer.text
        with cls.with_tokens(server, answer.json()) as person:
            yield person

    @classmethod
    @contextlib.contextmanager
    def with_tokens(cls, server: ServerProcess, tokens: Json) -> Iterator["Person"]:
        person = cls(server, tokens)
        with person._http:
            yield person

    @classmethod
    def at(cls, server: ServerProcess, user: User) -> contextlib.AbstractContextManager["Person"]:
        """A user of the test's database, in a session of its own."""
        tokens = log_in(user).tokens
        return cls.with_tokens(server, {"access": tokens.access, "refresh": tokens.refresh})

    def get(self, path: str, *, status: int = 200, **query: Any) -> Any:
        return self._read(self._http.get(path, params=query), status)

    def post(self, path: str, body: Json | None = None, *, status: int = 200, key: str = "") -> Any:
        return self._read(self.send(path, body, key=key), status)

    def send(self, path: str, body: Json | None = None, *, key: str = "") -> httpx.Response:
        """A POST, however it is answered. It has an Idempotency-Key: a new one, unless `key` repeats one."""
        return self._http.post(path, json=body or {}, headers={"Idempotency-Key": key or str(uuid4())})

    @staticmethod
    def _read(answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
        return answer.json() if answer.content else None

    def order(self, side: str, price: str, amount: str, *, market: str, **fields: Any) -> Json:
        body = {"market": market, "side": side, "price": price, "amount": amount, **fields}
        placed: Json = self.post("/orders", body, status=201)
        return placed

    def balance(self) -> tuple[str, str]:
        """What is available, and what is locked."""
        wallet = self.get("/wallet")
        return wallet["available"], wallet["locked"]

    @contextlib.contextmanager
    def listening(self) -> Iterator[Client]:
        """A socket on the person's own events, from now on."""
        with self.server.client(self.access) as client:
            client.subscribe("user")
            yield client
