"""A client of the public REST API, as patient as a good client should be."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import httpx

Json = dict[str, Any]

_TIMEOUT_S: Final = 20.0
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 15.0
_TRY_AGAIN: Final = frozenset({429, 502, 503, 504})
_STILL_RUNNING: Final = "idempotency_in_progress"


class Refused(Exception):
    """The platform said no, and would say so again."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Server:
    """The platform as its clients see it; says once when it goes away, and once when it is back."""

    def __init__(self, url: str, say: Callable[[str], None]) -> None:
        self.http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=_TIMEOUT_S)
        self.socket_url = f"{url.replace('http', 'ws', 1)}/ws/v1"
        self._say = say
        self._away = False

    async def wait_until_up(self) -> None:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await self.http.get("/api/health")).is_success:
                    return
            await asyncio.sleep(_FIRST_PAUSE_S)

    def is_away(self, reason: object) -> None:
        if not self._away:
            self._say(f"the server is away, waiting for it: {reason}")
        self._away = True

    def is_back(self) -> None:
        if self._away:
            self._say("the server is back")
        self._away = False

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 httpx's own
        """Ask until there is an answer to go by: neither silence, nor "busy", nor "too many requests"."""
        pause_s = _FIRST_PAUSE_S
        while True:
            wait_s = pause_s
            try:
                answer = await self.http.request(method, f"/api/v1{path}", **options)
            except httpx.TransportError as error:
                self.is_away(repr(error))
            else:
                self.is_back()
                if answer.status_code not in _TRY_AGAIN and _code_of(answer) != _STILL_RUNNING:
                    return answer
                wait_s = max(pause_s, _retry_after_s(answer))
            await asyncio.sleep(wait_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


def _retry_after_s(answer: httpx.Response) -> int:
    text = answer.headers.get("Retry-After", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _code_of(answer: httpx.Response) -> str:
    if answer.is_success:
        return ""
    with contextlib.suppress(ValueError, AttributeError):
        return str(answer.json().get("code", ""))
    return ""


def _read(answer: httpx.Response) -> Any:  # noqa: ANN401 JSON
    if answer.is_success:
        return answer.json() if answer.content else None
    raise Refused(answer.status_code, _code_of(answer))


class Client:
    """Somebody's session: logs in, stays in, and sends each POST under a key, so that a repeat does no harm."""

    def __init__(self, server: Server, *, email: str, password: str, name: str) -> None:
        self.server = server
        self.access = ""
        self._refresh = ""
        self._account = {"email": email, "password": password}
        self._name = name
        self._renewing = asyncio.Lock()

    async def enter(self) -> None:
        """Register, or log in to the account that is there already. Raises Refused."""
        answer = await self.server.request("POST", "/auth/register", json={**self._account, "display_name": self._name})
        if _code_of(answer) == "email_taken":
            answer = await self.server.request("POST", "/auth/login", json=self._account)
        self._keep(_read(answer))

    async def renew(self, stale: str) -> None:
        """Get new tokens, unless `stale` was replaced already. Raises Refused."""
        async with self._renewing:
            if self.access != stale:
                return
            answer = await self.server.request("POST", "/auth/refresh", json={"refresh": self._refresh})
            if answer.is_success:
                self._keep(_read(answer))
            else:
                await self.enter()

    def _keep(self, tokens: Json) -> None:
        self.access, self._refresh = tokens["access"], tokens["refresh"]

    async def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 JSON
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, **body: Any) -> Any:  # noqa: ANN401 JSON
        return await self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    async def patch(self, path: str, **body: Any) -> Any:  # noqa: ANN401 JSON
        return await self._ask("PATCH", path, json=body)

    async def _ask(self, method: str, path: str, headers: Json | None = None, **options: Any) -> Any:  # noqa: ANN401
        """Ask, with new tokens if those at hand are no longer good. Raises Refused."""
        access = self.access
        answer = await self._try(method, path, headers, options)
        if answer.status_code == 401:
            await self.renew(access)
            answer = await self._try(method, path, headers, options)
        return _read(answer)

    async def _try(self, method: str, path: str, headers: Json | None, options: Json) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        return await self.server.request(method, path, headers={**bearer, **(headers or {})}, **options)
