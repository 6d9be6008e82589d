"""The REST server as it is deployed: gunicorn's workers with threads, on `iqx.wsgi`."""

import contextlib
import http.client
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
_PATIENCE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Size:
    workers: int
    threads: int

    def __str__(self) -> str:
        return f"gunicorn, {self.workers} workers of {self.threads} threads"


@contextlib.contextmanager
def serving(size: Size) -> Iterator[int]:
    """Serve for the length of a `with` block; yields the port."""
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", "iqx.wsgi", f"--bind={HOST}:{port}", "--worker-class=gthread",
        f"--workers={size.workers}", f"--threads={size.threads}", "--keep-alive=30", "--log-level=warning",
    ]  # fmt: skip
    with tempfile.NamedTemporaryFile(prefix="iqx-gunicorn-") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await_health(server, port, Path(log.name))
            yield port
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _await_health(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up_at = time.monotonic() + _PATIENCE_S
    while not _is_healthy(port):
        if server.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"The server does not answer:\n{log.read_text()}")
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    return False
