"""One socket: what a client asks, and what it gets."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from iqx.core import metrics
from iqx.core.errors import DomainError
from iqx.core.events import market_stream, user_stream
from iqx.core.feed import wire
from iqx.core.feed.hub import Hub
from iqx.core.feed.outbox import Outbox, TooSlow
from iqx.core.feed.ports import Principal
from iqx.core.feed.reads import DATABASE_AWAY
from iqx.core.feed.topics import CloseCode, Subscription
from iqx.core.feed.wire import Refused, Request

Message = dict[str, Any]

_PROTOCOL: Final = "iqx.v1"
_BEARER: Final = "bearer."


class Meter:
    """Lets through `rate` a second, and `burst` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._left = float(burst)
        self._at = time.monotonic()

    def lets_through(self) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Connection:
    """Two tasks: one answers the client's messages in order, one writes what the outbox holds.

    A server that can tell when a socket takes no more puts an event into the scope as `iqx.flow`; the writer waits
    for it, so that what a slow client does not read waits in the bounded outbox and not in the server's buffers. One
    that can write at once puts in `iqx.write`, too: then nothing waits, and no task wakes, for a client that keeps up.
    """

    def __init__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        hub: Hub,
    ) -> None:
        self.principal: Principal | None = None
        self._offered: list[str] = scope.get("subprotocols", [])
        self._headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
        self._flow: asyncio.Event | None = scope.get("iqx.flow")
        self._write_now: Callable[[Sequence[str]], None] | None = scope.get("iqx.write")
        self._receive = receive
        self._send = send
        self._hub = hub
        self._limits = hub.limits
        self._outbox = Outbox(max_frames=hub.limits.outbox_frames, max_size=hub.limits.outbox_size)
        self._meter = Meter(hub.limits.requests_per_s, hub.limits.requests_burst)
        self._subscriptions: dict[tuple[str, str | None], Subscription] = {}
        self._closing: asyncio.Future[CloseCode] = asyncio.get_running_loop().create_future()

    # For the hub

    def put(self, *frames: str) -> None:
        """Have frames written; a client for whom too many wait already is closed."""
        if self._closing.done():
            return
        if self._write_now and self._flow and self._flow.is_set() and self._outbox.empty:
            self._write_now(frames)
            return
        try:
            self._outbox.put(frames)
        except TooSlow:
            self.close(CloseCode.TOO_SLOW)

    def close(self, code: CloseCode) -> None:
        """End the connection; what waits is dropped, since the client can resume."""
        if not self._closing.done():
            self._closing.set_result(code)
            self._outbox.clear()

    async def drained(self) -> None:
        await self._outbox.drained()

    def heads(self) -> dict[str, int]:
        return {_stream_name(*address): place.head for address, place in self._subscriptions.items()}

    # Its life

    async def run(self) -> None:
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept", "subprotocol": _PROTOCOL if _PROTOCOL in self._offered else None})
        self._hub.enter(self)
        tasks: list[asyncio.Future[Any]] = [
            asyncio.create_task(self._answer_requests()),
            asyncio.create_task(self._write()),
        ]
        try:
            done, _ = await asyncio.wait([*tasks, self._closing], return_when=asyncio.FIRST_COMPLETED)
            for finished in done:
                finished.result()
            if self._closing.done():
                code = int(self._closing.result())
                metrics.sockets_closed.labels(code).inc()
                await self._send({"type": "websocket.close", "code": code})
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for subscription in self._subscriptions.values():
                self._hub.streams.leave(subscription)
            self._hub.exit(self)

    async def _write(self) -> None:
        while True:
            await self._outbox.filled()
            if self._flow and not self._flow.is_set():
                try:
                    async with asyncio.timeout(self._limits.stall_s):
                        await self._flow.wait()
                except TimeoutError:
                    self.close(CloseCode.TOO_SLOW)
            if not self._outbox.empty:  # which a close may have emptied
                await self._send({"type": "websocket.send", "text": self._outbox.take()})

    async def _answer_requests(self) -> None:
        await self._authenticate_by_handshake()
        while (message := await self._receive())["type"] != "websocket.disconnect":
            if not self._meter.lets_through():
                self.close(CloseCode.TOO_MANY_REQUESTS)
            if self._closing.done():
                return
            await self._answer(message)

    async def _answer(self, message: Message) -> None:
        text = message.get("text")
        request = None
        try:
            if text is None:
                raise Refused("malformed")
            if len(text) > self._limits.request_size:
                raise Refused("message_too_large")
            request = wire.parse(text)
            await self._handle(request)
        except Refused as refusal:
            refusal.request_id = request.id if request else refusal.request_id
            self.put(wire.error(refusal))

    async def _handle(self, request: Request) -> None:
        try:
            match request.op:
                case "ping":
                    self.put(wire.answer("pong", request))
                case "auth":
                    await self._authenticate(request)
                case "subscribe":
                    await self._subscribe(request)
                case "unsubscribe":
                    self._unsubscribe(request)
        except DATABASE_AWAY:
            raise Refused("busy") from None

    # Who it is

    async def _authenticate_by_handshake(self) -> None:
        """By the token that was offered, else by a cookie, which comes uninvited: a stale one is nobody's."""
        token = next((offer.removeprefix(_BEARER) for offer in self._offered if offer.startswith(_BEARER)), None)
        headers, self._headers = self._headers, {}
        try:
            if token is not None:
                self.principal = await self._hub.threads.run(self._hub.ports.authenticate, token)
            elif b"cookie" in headers:
                self.principal = await self._hub.threads.run(self._hub.ports.recognise, headers)
        except DomainError:
            self.close(CloseCode.AUTH)
        except DATABASE_AWAY:
            self.close(CloseCode.RESTARTING)

    async def _authenticate(self, request: Request) -> None:
        try:
            principal = await self._hub.threads.run(self._hub.ports.authenticate, request.token)
        except DomainError:
            self.close(CloseCode.AUTH)
            return
        if self.principal and self.principal.user_id != principal.user_id:
            raise Refused("already_authenticated")
        self.principal = principal
        self.put(wire.authenticated(request, principal.user_id))

    # What it follows

    async def _subscribe(self, request: Request) -> None:
        address = request.channel, request.market
        if address in self._subscriptions:
            raise Refused("already_subscribed")
        if len(self._subscriptions) >= self._limits.subscriptions:
            raise Refused("too_many_subscriptions")
        stream = await self._stream(request)
        place = await self._hub.streams.join(self, stream, request.channel, request.market, request.since)
        self._subscriptions[address] = place
        self.put(wire.answer("subscribed", request, seq=place.head))
        self._hub.streams.begin(place)

    async def _stream(self, request: Request) -> str:
        """The stream behind a channel, for those who may read it."""
        if request.market is None:
            if self.principal is None:
                raise Refused("not_authenticated")
            return user_stream(self.principal.user_id)
        if not await self._hub.threads.run(self._hub.ports.market_exists, request.market):
            raise Refused("unknown_market")
        return market_stream(request.market)

    def _unsubscribe(self, request: Request) -> None:
        place = self._subscriptions.pop((request.channel, request.market), None)
        if place is None:
            raise Refused("not_subscribed")
        self._hub.streams.leave(place)
        self.put(wire.answer("unsubscribed", request))


def _stream_name(channel: str, market: str | None) -> str:
    """A stream as heartbeats name it: one's own has no id."""
    return market_stream(market) if market else channel
