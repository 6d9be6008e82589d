"""`manage.py serve`: REST, static files and the feed from one process, with the real applications."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings

from iqx.core.events import user_stream
from iqx.runtime.server import MAX_BODY
from tests.factories.accounts import log_in, make_user
from tests.feed.applications import append_events
from tests.feed.clients import ServerProcess, address_of_the_database

pytestmark = pytest.mark.django_db(transaction=True)


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", *arguments],
        env={**os.environ, "DATABASE_URL": address_of_the_database(), "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def serving(transactional_db: None) -> Iterator[ServerProcess]:
    with start("--port", "0") as process:
        assert process.stdout
        line = process.stdout.readline()
        try:
            assert line.startswith("Listening on http://127.0.0.1:"), line
            yield ServerProcess(line.removeprefix("Listening on ").strip(), process)
        finally:
            process.terminate()


def test_rest_and_static_files_are_served(serving: ServerProcess) -> None:
    with httpx.Client(base_url=serving.address, trust_env=False) as client:
        assert client.get("/api/health").json()["status"] == "ok"
        assert client.get("/static/admin/css/base.css").headers["content-type"].startswith("text/css")
        missing = client.get("/api/v1/nothing")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("header", [b"X-Odd: \x0b", b"Sec-WebSocket-Protocol: \xff\r\nUpgrade: websocket"])
def test_what_the_server_refuses_by_itself_is_a_problem_too(serving: ServerProcess, header: bytes) -> None:
    head, body = raw_get(serving, header)
    assert b"400" in head.splitlines()[0]
    assert b"application/problem+json" in head.lower()
    assert json.loads(body)["code"] == "malformed"


@pytest.mark.parametrize("header", [b"Content-Length: %d" % 2**40, b"Transfer-Encoding: chunked"])
def test_a_body_without_end_is_not_kept(serving: ServerProcess, header: bytes) -> None:
    chunk = b"%x\r\n%b\r\n" % (2**16, b"x" * 2**16)
    with connect(serving) as raw:
        raw.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
        with pytest.raises(ConnectionError):
            raw.sendall(chunk * (2 * MAX_BODY // len(chunk)))
    assert httpx.get(f"{serving.address}/api/health", trust_env=False).status_code == 200


def test_a_client_can_not_move_the_site(serving: ServerProcess) -> None:
    """Daphne would take the root path, and with it every link, from a header of anybody's."""
    head, _ = raw_get(serving, b"Daphne-Root-Path: /elsewhere", path=b"/admin/")
    assert b"location: /admin/login/" in head.lower()


def connect(serving: ServerProcess) -> socket.socket:
    host, port = serving.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def raw_get(serving: ServerProcess, header: bytes, path: bytes = b"/api/v1/time") -> tuple[bytes, bytes]:
    with connect(serving) as raw:
        raw.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n\r\n")
        head, _, body = b"".join(iter(lambda: raw.recv(4096), b"")).partition(b"\r\n\r\n")
    return head, body


def test_a_user_hears_of_his_own_and_logging_out_ends_it(serving: ServerProcess) -> None:
    user = make_user()
    tokens = log_in(user).tokens
    with serving.client(tokens.access) as client:
        client.subscribe("user")
        append_events(user_stream(user.id), [{"available": "1.000000"}], type="wallet_updated")
        assert client.seqs(1) == [1]
        answer = httpx.post(
            f"{serving.address}/api/v1/auth/logout",
            json={"refresh": tokens.refresh},
            headers={"Authorization": f"Bearer {tokens.access}"},
            trust_env=False,
        )
        assert answer.status_code == 204
        assert client.close_code() == 4001
    with serving.client(tokens.access) as client:
        assert client.close_code() == 4001


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_seconds_and_without_complaint(serving: ServerProcess, sent: signal.Signals) -> None:
    with serving.client() as client:
        serving.process.send_signal(sent)
        assert client.close_code() == 4010
    assert serving.process.wait(timeout=5) == 0
    assert serving.process.stderr
    assert "Traceback" not in serving.process.stderr.read()


def test_a_port_in_use_is_told(serving: ServerProcess) -> None:
    port = serving.address.rpartition(":")[2]
    with start("--port", port) as second:
        _, complaint = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"Can't listen on 127.0.0.1:{port}" in complaint
