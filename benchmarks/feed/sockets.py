"""WebSocket clients on bare sockets (RFC 6455), for text messages with a `seq`."""

import json
import select
import socket
import struct
import time
from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import Final

HOST: Final = "127.0.0.1"
_TEXT: Final = 1
_CLOSE: Final = 8
_PING: Final = 9
_PONG: Final = 10
_HANDSHAKE_S: Final = 30
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Follow:
    """What one client wants. A lost connection is made again, to the next of the ports, with `since`."""

    ports: tuple[int, ...]
    market: str = ""
    """Empty: the channel `user`."""
    since: int | None = None
    token: str = ""
    receive_buffer: int = 0
    """Bytes that the kernel may hold for it, 0 for its default."""


@dataclass(eq=False, slots=True)
class Client:
    follow: Follow
    port: int
    connection: socket.socket
    last: int
    rest: bytes = b""
    code: int | None = None


@dataclass
class Sockets:
    """All clients of a process."""

    seqs: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[float]" = field(default_factory=lambda: array("d"))
    faults: int = 0
    reconnections: int = 0
    _clients: "dict[int, Client]" = field(default_factory=dict)
    _lost: "deque[Client]" = field(default_factory=deque)
    _stalled: Client | None = None
    _epoll: select.epoll = field(default_factory=select.epoll)
    _attended: int = -1

    def attend(self, descriptor: int) -> None:
        self._attended = descriptor
        self._epoll.register(descriptor, select.EPOLLIN)

    def listen(self) -> bool:
        """Take in what has come; whether there is something to read for whom we attend to."""
        called = False
        for descriptor, _ in self._epoll.poll(0.05):
            if descriptor == self._attended:
                called = True
            else:
                self._receive(self._clients[descriptor])
        while self._lost:
            self._find_again(self._lost.popleft())
        return called

    # What the parent may ask

    def join(self, follows: list[Follow]) -> None:
        for follow in follows:
            self._register(_connect(follow, follow.ports[0], follow.since))

    def leave(self, count: int) -> None:
        for client in list(self._clients.values())[:count]:
            self._drop(client)

    def stall(self) -> None:
        self._stalled = list(self._clients.values())[-1]
        self._epoll.unregister(self._stalled.connection)
        del self._clients[self._stalled.connection.fileno()]

    def closing_code(self) -> int | None:
        client = self._stalled
        if client is None:
            return None
        client.connection.settimeout(5)
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _CHUNK)
        try:
            while client.code is None and (data := client.connection.recv(_CHUNK)):
                self._take(client, data, time.monotonic())
        except OSError:
            pass
        return client.code

    def least(self) -> int:
        return min((client.last for client in self._clients.values()), default=0)

    # One client

    def _register(self, client: Client) -> None:
        client.connection.setblocking(False)
        self._clients[client.connection.fileno()] = client
        self._epoll.register(client.connection, select.EPOLLIN)
        if client.rest:
            rest, client.rest = client.rest, b""
            self._take(client, rest, time.monotonic())

    def _drop(self, client: Client) -> None:
        self._epoll.unregister(client.connection)
        del self._clients[client.connection.fileno()]
        client.connection.close()

    def _receive(self, client: Client) -> None:
        try:
            data = client.connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if data:
            self._take(client, data, time.monotonic())
        if not data or client.code is not None:
            self._drop(client)
            self._lost.append(client)

    def _find_again(self, client: Client) -> None:
        """Connect anew, where somebody listens, and resume."""
        ports = client.follow.ports
        port = ports[(ports.index(client.port) + 1) % len(ports)]
        try:
            found = _connect(client.follow, port, client.last)
        except (OSError, EOFError):
            client.port = port
            self._lost.append(client)
            return
        self.reconnections += 1
        self._register(found)

    def _take(self, client: Client, data: bytes, now: float) -> None:
        if client.rest:
            data = client.rest + data
        at, end = 0, len(data)
        while end - at >= 2:
            length, start = data[at + 1], at + 2
            if length >= 126:
                size = 2 if length == 126 else 8
                if end - start < size:
                    break
                length, start = int.from_bytes(data[start : start + size], "big"), start + size
            if start + length > end:
                break
            self._message(client, data[at] & 15, data, start, start + length, now)
            at = start + length
        client.rest = data[at:] if at else data

    def _message(self, client: Client, opcode: int, data: bytes, start: int, end: int, now: float) -> None:
        if opcode == _TEXT:
            if data.startswith(b'{"op"', start):
                return
            at = data.find(b'"seq":', start, end) + 6
            seq = int(data[at : data.find(b",", at, end)])
            if seq == client.last + 1:
                client.last = seq
            else:
                self.faults += 1
            self.seqs.append(seq)
            self.times.append(now)
        elif opcode == _PING:
            client.connection.send(_frame(_PONG, data[start:end]))
        elif opcode == _CLOSE:
            client.code = int.from_bytes(data[start : start + 2], "big")


def _connect(follow: Follow, port: int, since: int | None) -> Client:
    """A client whose subscription is confirmed; what came behind the confirmation waits in `rest`."""
    connection = socket.socket()
    if follow.receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, follow.receive_buffer)
    connection.settimeout(_HANDSHAKE_S)
    try:
        connection.connect((HOST, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        offers = "iqx.v1" + (f", bearer.{follow.token}" if follow.token else "")
        connection.sendall(
            f"GET /ws/v1 HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: {offers}\r\n\r\n".encode()
        )
        head, rest = _read_until(connection, b"", b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.decode(errors="replace"))
        address = {"channel": "market_updates", "market": follow.market} if follow.market else {"channel": "user"}
        resume = {} if since is None else {"since": since}
        connection.sendall(_frame(_TEXT, json.dumps({"op": "subscribe", **address, **resume}).encode()))
        _, rest = _read_until(connection, rest, b'"subscribed"')  # a heartbeat may come before
        confirmed, rest = _read_until(connection, rest, b"}")
    except BaseException:
        connection.close()
        raise
    head_seq = int(confirmed[confirmed.rindex(b'"seq":') + 6 : -1])
    return Client(follow, port, connection, head_seq if since is None else since, rest)


def _read_until(connection: socket.socket, data: bytes, end: bytes) -> tuple[bytes, bytes]:
    while end not in data:
        more = connection.recv(4096)
        if not more:
            raise EOFError(data.decode(errors="replace"))
        data += more
    at = data.index(end) + len(end)
    return data[:at], data[at:]


def _frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    length = len(payload)
    size = struct.pack("!B", 0x80 | length) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    return bytes([0x80 | opcode]) + size + bytes(4) + payload
