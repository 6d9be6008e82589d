"""A server process, and clients that hold every message against docs/asyncapi.yaml."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.feed import schemas

PATIENCE_S = 30
_OPTIONS: dict[str, Any] = {"proxy": None, "close_timeout": 1, "max_queue": None}


class Client:
    """One socket. `events` takes the next ones, whatever control messages come between."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def send(self, op: str, **fields: Any) -> None:
        message = {"op": op, **fields}
        schemas.check_request(message)
        self.socket.send(json.dumps(message))

    def receive(self, timeout: float = PATIENCE_S) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout))
        schemas.check(message)
        return message

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """Send, and wait for the answer: the next message that is neither event nor heartbeat."""
        self.send(op, **fields)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        while (message := self.receive()).get("op") in {None, "heartbeat"}:
            pass
        return message

    def subscribe(self, channel: str = "market_updates", **fields: Any) -> dict[str, Any]:
        answer = self.ask("subscribe", channel=channel, **fields)
        assert answer["op"] == "subscribed", answer
        return answer

    def events(self, count: int) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = []
        while len(taken) < count:
            message = self.receive()
            if "channel" in message and "op" not in message:
                taken.append(message)
        return taken

    def seqs(self, count: int) -> list[int]:
        return [event["seq"] for event in self.events(count)]

    def is_quiet(self, seconds: float = 0.3) -> bool:
        try:
            message = self.receive(timeout=seconds)
        except TimeoutError:
            return True
        return message.get("op") == "heartbeat" and self.is_quiet(seconds)

    def close_code(self) -> int | None:
        """Read to the end, and say how it ended; heartbeats alone don't keep us waiting for ever."""
        give_up_at = time.monotonic() + PATIENCE_S
        try:
            while time.monotonic() < give_up_at:
                self.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        raise TimeoutError("The server does not close the socket")


@dataclass
class ServerProcess:
    address: str
    process: "subprocess.Popen[str]"

    @contextmanager
    def client(self, token: str = "", **options: Any) -> Iterator[Client]:
        subprotocols = [Subprotocol("iqx.v1"), *([Subprotocol(f"bearer.{token}")] if token else [])]
        url = self.address.replace("http", "ws", 1) + "/ws/v1"
        with connect(url, subprotocols=subprotocols, **(_OPTIONS | options)) as socket:
            yield Client(socket)

    def append(self, *events: tuple[str, str, dict[str, Any]]) -> None:
        """Have events (stream, type, data) appended in the server's own process."""
        httpx.post(f"{self.address}/append", json=events, trust_env=False).raise_for_status()

    def memory_mb(self) -> float:
        """What the process holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def ring_ended(self, *session_ids: str) -> None:
        httpx.post(f"{self.address}/end", json=session_ids, trust_env=False).raise_for_status()


def address_of_the_database() -> str:
    """The address of the database that this test uses, for a process of its own."""
    at = connection.settings_dict
    password = f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else ""
    user = f"{quote(at['USER'])}{password}@" if at["USER"] else ""
    return f"postgresql://{user}{quote(at['HOST'], safe='')}:{at['PORT']}/{at['NAME']}"
