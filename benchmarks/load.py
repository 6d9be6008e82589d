"""Clients of the REST API, as light as can be: they share the cores with the server that they measure."""

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, cast

from benchmarks.samples import Sample
from benchmarks.web import HOST

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_PATIENCE_S: Final = 30


class UnexpectedAnswerError(RuntimeError):
    """An order was refused: then the figures would say nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """`raw` is the whole of it, `status` what its answer must be."""

    raw: bytes
    status: int


def post(path: str, token: str, body: bytes, *, status: int, key: str = "") -> Request:
    once = f"Idempotency-Key: {key}\r\n" if key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n{once}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(head.encode() + body, status)


def get(path: str, token: str, *, status: int = 200, etag: str = "") -> Request:
    unless = f"If-None-Match: {etag}\r\n" if etag else ""
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n{unless}\r\n"
    return Request(head.encode(), status)


Draw = Callable[[], Sequence[Request]]
"""What a client does next: requests that follow each other. Raises StopIteration, if there is nothing left to do."""


def measure(
    port: int, draw: Draw, seconds: float, *, clients: int, operations: int = 1, rate: float | None = None
) -> Sample:
    """Let so many clients send one request after the other, each over one connection; `operations` each counts.

    With a `rate` they send so many a second together, if they can; a request that is late for that has waited since.
    """
    return asyncio.run(_measure(port, draw, seconds, clients, operations, rate))


async def _measure(port: int, draw: Draw, seconds: float, clients: int, operations: int, rate: float | None) -> Sample:
    loop = asyncio.get_running_loop()
    begin = time.monotonic()
    people = []
    for number in range(clients):
        schedule = itertools.count(begin + number / rate, clients / rate) if rate else None
        _, person = await loop.create_connection(partial(_Client, draw, begin + seconds, schedule), HOST, port)
        people.append(person)
    async with asyncio.timeout(seconds + _PATIENCE_S):
        await asyncio.gather(*(person.done for person in people))
    latencies_s = [latency for person in people for latency in person.latencies_s]
    return Sample(len(latencies_s) * operations, time.monotonic() - begin, latencies_s)


@dataclass(eq=False)
class _Client(asyncio.Protocol):
    """One connection, with one request under way until `end_at`."""

    draw: Draw
    end_at: float
    schedule: Iterator[float] | None
    latencies_s: list[float] = field(default_factory=list)
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _answer: bytes = b""
    _next: Iterator[Request] = field(default_factory=lambda: iter(()))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._go_on()

    def _go_on(self) -> None:
        """Send the next request, if it is not too late to begin something new."""
        request = next(self._next, None)
        if request is None and time.monotonic() < self.end_at:
            try:
                self._next = iter(self.draw())
            except StopIteration:
                self._next = iter(())
            request = next(self._next, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._request = request
        self._due_at = next(self.schedule) if self.schedule else time.monotonic()
        wait_s = self._due_at - time.monotonic()
        if wait_s > 0:
            asyncio.get_running_loop().call_later(wait_s, self._transport.write, request.raw)
        else:
            self._transport.write(request.raw)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, complete, body = self._answer.partition(b"\r\n\r\n")
        if not complete:
            return
        length = _LENGTH.search(head + b"\r\n")
        if b" 304 " not in head.partition(b"\r\n")[0] and (length is None or len(body) < int(length[1])):
            return
        self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        now = time.monotonic()
        self._answer = b""
        if head.split(maxsplit=2)[1] != b"%d" % self._request.status or b'"error"' in body:
            self.done.set_exception(UnexpectedAnswerError(f"{head.decode()}\n\n{body[:500].decode()}"))
            self._transport.close()
            return
        self.latencies_s.append(now - self._due_at)
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection"))
