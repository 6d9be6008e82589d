"""Clients of the REST API, as light as can be: they share the cores with the server that they measure."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from benchmarks.samples import Sample
from benchmarks.web import HOST

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_PATIENCE_S: Final = 30


class UnexpectedAnswerError(RuntimeError):
    """An order was refused: then the figures would say nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """A POST; `raw` is the whole of it, `status` what its answer must be."""

    raw: bytes
    status: int


def post(path: str, token: str, body: bytes, *, status: int) -> Request:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(head.encode() + body, status)


def measure(port: int, draw: Callable[[], Request], seconds: float, *, clients: int, operations: int) -> Sample:
    """Let so many clients send one request after the other, each over one connection; `operations` each counts."""
    return asyncio.run(_measure(port, draw, seconds, clients, operations))


async def _measure(port: int, draw: Callable[[], Request], seconds: float, clients: int, operations: int) -> Sample:
    loop = asyncio.get_running_loop()
    begin = time.monotonic()
    people = []
    for _ in range(clients):
        _, person = await loop.create_connection(lambda: _Client(draw, begin + seconds), HOST, port)
        people.append(person)
    async with asyncio.timeout(seconds + _PATIENCE_S):
        await asyncio.gather(*(person.done for person in people))
    latencies_s = [latency for person in people for latency in person.latencies_s]
    return Sample(len(latencies_s) * operations, time.monotonic() - begin, latencies_s)


@dataclass(eq=False)
class _Client(asyncio.Protocol):
    """One connection, with one request under way until `end_at`."""

    draw: Callable[[], Request]
    end_at: float
    latencies_s: list[float] = field(default_factory=list)
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _answer: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        self._request = self.draw()
        self._sent_at = time.monotonic()
        self._transport.write(self._request.raw)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, complete, body = self._answer.partition(b"\r\n\r\n")
        if not complete:
            return
        length = _LENGTH.search(head + b"\r\n")
        if length is None or len(body) < int(length[1]):
            return
        self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        now = time.monotonic()
        self._answer = b""
        if head.split(maxsplit=2)[1] != b"%d" % self._request.status or b'"error"' in body:
            self.done.set_exception(UnexpectedAnswerError(f"{head.decode()}\n\n{body[:500].decode()}"))
            self._transport.close()
            return
        self.latencies_s.append(now - self._sent_at)
        if now < self.end_at:
            self._send()
        else:
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection"))
