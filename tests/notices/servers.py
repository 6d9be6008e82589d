"""Small servers that speak what the real ones speak, on this machine: HTTP, and SMTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpServer:
    """Keeps what it was asked, and answers what `answers` has next, else the last of them."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=lambda: [(200, {}, b"{}")])

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        """Answer this from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers = [(status, named, b"" if body is None else json.dumps(body).encode())]

    def next_answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Subscriber(HttpServer):
    """Answers challenges as it should."""

    def next_answer(self, asked: Asked) -> Answer:
        if asked.json.get("type") != "webhook.challenge":
            return super().next_answer(asked)
        return 200, {}, json.dumps(asked.json["data"]).encode()


@contextmanager
def serving(server: HttpServer) -> Iterator[HttpServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, named, answer = server.next_answer(Asked(self.command, self.path, headers, body))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **named}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 as the library has it

        def log_message(self, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_port}"
    Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
