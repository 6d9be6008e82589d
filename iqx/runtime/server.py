"""The ASGI server: daphne, with what it lacks for us.

* Back-pressure: daphne's transport takes whatever it is given, without bound. Here the scope of a socket has an event,
  `iqx.flow`, that is set while the transport takes more, and `iqx.write`, which writes text messages at once.
* A graceful end: it stops listening, lets requests in hand finish, and says `lifespan.shutdown` to the application,
  which closes its sockets, before anything is cancelled.
* As many requests at a time as there are database connections for, and its own errors as problem documents.
"""

import asyncio
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Final

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server as DaphneServer
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor as twisted_reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IAddress
from twisted.logger import globalLogBeginner

reactor: Any = twisted_reactor  # its type says nothing of what it has; nor do daphne's classes

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

PING_INTERVAL_S: Final = 20
PING_PATIENCE_S: Final = 15
CLOSE_PATIENCE_S: Final = 60
"""How long a client that was closed may take to read what it was sent before, and see why."""
MAX_MESSAGE: Final = 64 * 1024
MAX_BODY: Final = 16 * 1024 * 1024
"""Of a request: more than any address takes. What comes is kept, on disk, until all of it is there."""
MAX_UNREAD: Final = 128
GRACE_S: Final = 5
"""How long requests in hand, and clients that are told to go, may take when the server ends."""


class Socket(WebSocketProtocol):  # type: ignore[misc]
    """A WebSocket that says when its transport takes no more, and is quiet once it was told to close."""

    def onConnect(self, request: Any) -> Deferred:  # noqa: ANN401, N802
        self.flow = asyncio.Event()
        self.flow.set()
        # The producer there is the HTTP channel that this connection was before: it would stop reading instead.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        accepted: Deferred = super().onConnect(request)
        return accepted

    def pauseProducing(self) -> None:  # noqa: N802
        self.flow.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self.flow.set()

    def stopProducing(self) -> None:  # noqa: N802
        self.flow.set()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        """As the original; what an application that has so much unread won't answer anyway is dropped."""
        if self.application_queue.qsize() < MAX_UNREAD:
            super().onMessage(payload, isBinary)

    def serverSend(self, content: str, binary: bool = False) -> None:  # noqa: N802
        """As the original, with frames made once for all sockets; what comes after the goodbye is dropped."""
        self.write_texts((content,))

    def write_texts(self, texts: tuple[str, ...]) -> None:
        """Write messages, in one system call where the kernel takes them."""
        if self.state == self.STATE_OPEN and not self.muted:
            self._write(_frames(texts))

    def _write(self, data: bytes) -> None:
        """Write at once what the kernel takes: via the reactor, each small message would cost three system calls."""
        transport = self.transport
        if not transport.dataBuffer and not transport._tempDataLen:  # noqa: SLF001 nothing waits
            written = transport.writeSomeData(data)
            if isinstance(written, int):  # else the connection is lost, which the reactor will see
                data = data[written:]
        transport.write(data)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        self.muted = True
        super().serverClose(code)

    def onAutoPingTimeout(self) -> None:  # noqa: N802
        """A client that does not read can't answer either; that is for the application to judge."""
        if self.flow.is_set():
            super().onAutoPingTimeout()
        else:
            self.autoPingTimeoutCall = None


@lru_cache(maxsize=64)
def _frames(texts: tuple[str, ...]) -> bytes:
    return b"".join(map(_frame, texts))


def _frame(text: str) -> bytes:
    """A text message as it goes over the wire (RFC 6455, section 5.2)."""
    payload = text.encode()
    if len(payload) < 126:
        return struct.pack("!BB", 0x81, len(payload)) + payload
    if len(payload) < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, len(payload)) + payload
    return struct.pack("!BBQ", 0x81, 127, len(payload)) + payload


class Sockets(WebSocketFactory):  # type: ignore[misc]
    protocol = Socket


class Request(WebRequest):  # type: ignore[misc]
    """An HTTP request; what is wrong before the application sees it is a problem document, too."""

    _received = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """As the original, which would fill the disk for anybody."""
        self._received += len(data)
        if self._received <= MAX_BODY:
            super().handleContentChunk(data)
        else:
            self.channel.transport.abortConnection()

    def process(self) -> Any:  # noqa: ANN401 Twisted's Deferred
        """As the original, without the header by which anybody could move the site, and what it would trip over."""
        self.requestHeaders.removeHeader(b"daphne-root-path")
        offers = self.requestHeaders.getRawHeaders(b"sec-websocket-protocol", [])
        if all(offer.isascii() for offer in offers):
            return super().process()
        return self.basic_error(400, b"Bad Request", "Invalid header value")

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        title = status_text.decode()
        code = "malformed" if status < 500 else "internal_error"
        problem = {"type": "about:blank", "title": title, "status": status, "detail": body, "code": code}
        content = json.dumps(problem).encode()
        headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(content))]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": content})


class Requests(HTTPFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: IAddress) -> Any:  # noqa: ANN401, N802
        protocol: Any = super().buildProtocol(addr)
        protocol.requestFactory = Request
        return protocol


class Server(DaphneServer):  # type: ignore[misc]
    """Serves `application` on `host:port` until SIGINT or SIGTERM."""

    def __init__(
        self, application: Application, *, host: str, port: int, threads: int, say: Callable[[str], None]
    ) -> None:
        super().__init__(
            application=_at_most(threads, application),
            endpoints=[f"tcp:port={port}:interface={host.replace(':', chr(92) + ':')}"],
            websocket_timeout=-1,
            websocket_max_message_size=MAX_MESSAGE,
            websocket_max_frame_size=MAX_MESSAGE,
            ping_interval=PING_INTERVAL_S,
            server_name="iqx",
        )
        self.failed = False
        self._lifespan = _Lifespan(application)
        self._ports: list[Any] = []
        self._say = say

    def run(self) -> None:
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = Requests(self)
        self.ws_factory = Sockets(self, server=self.server_name)
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=PING_PATIENCE_S,
            closeHandshakeTimeout=CLOSE_PATIENCE_S,
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
            allowNullOrigin=True,
        )
        globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        for description in self.endpoints:
            endpoint: Any = serverFromString(reactor, description)  # type: ignore[no-untyped-call]
            listening = endpoint.listen(self.http_factory)
            listening.addCallbacks(self.listen_success, self.listen_error)
        asyncio.set_event_loop(reactor._asyncioEventloop)  # noqa: SLF001 the only way to it, as in daphne
        reactor.callWhenRunning(self._lifespan.start)
        reactor.addSystemEventTrigger("before", "shutdown", self._end)
        if not self.failed:
            reactor.run()

    def listen_success(self, port: Any) -> None:  # noqa: ANN401 Twisted's IListeningPort
        self._ports.append(port)
        super().listen_success(port)
        for host, number in self.listening_addresses:
            self._say(f"Listening on http://{f'[{host}]' if ':' in host else host}:{number}")

    def listen_error(self, failure: Any) -> None:  # noqa: ANN401 Twisted's Failure
        self.failed = True
        super().listen_error(failure)

    def create_application(self, protocol: Any, scope: Message) -> Any:  # noqa: ANN401
        if isinstance(protocol, Socket):
            scope["iqx.flow"] = protocol.flow
            scope["iqx.write"] = protocol.write_texts
        return super().create_application(protocol, scope)

    def _end(self) -> Deferred:
        return Deferred.fromFuture(asyncio.ensure_future(self._end_gracefully()))

    async def _end_gracefully(self) -> None:
        """Take nothing new, tell the application, and give what is under way a while; then cancel it."""
        for port in self._ports:
            port.stopListening()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self._lifespan.stop()
                while any("disconnected" not in details for details in self.connections.values()):
                    await asyncio.sleep(0.02)
        running = [details.get("application_instance") for details in self.connections.values()]
        for application in filter(None, running):
            application.cancel()
        await asyncio.gather(*filter(None, running), return_exceptions=True)


class _Lifespan:
    """The ASGI lifespan protocol, which daphne does not speak."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    def start(self) -> None:
        self._events.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.ensure_future(self._application({"type": "lifespan"}, self._events.get, _no_reply))

    async def stop(self) -> None:
        if self._task:
            self._events.put_nowait({"type": "lifespan.shutdown"})
            await self._task


async def _no_reply(_message: Message) -> None:
    """The application's answers need nothing done."""


def _at_most(count: int, application: Application) -> Application:
    """Let `count` HTTP requests run at a time; each occupies a thread and a database connection."""
    free = asyncio.Semaphore(count)

    async def bounded(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        async with free:
            await application(scope, receive, send)

    return bounded
