"""The processes that are measured: the feed as it is deployed, a plain Channels consumer, and Redis between them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import redis
from django.conf import settings

from benchmarks.feed.sockets import HOST

_PATIENCE_S: Final = 30
_FEED: Final = ("manage.py", "serve", "--host", HOST, "--port")
_PLAIN: Final = ("-m", "daphne", "benchmarks.feed.plain:application", "--bind", HOST, "--port")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A server, and what the kernel knows of it."""

    port: int
    process: "subprocess.Popen[bytes]"

    def memory(self) -> int:
        """Bytes that it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def cpu_s(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def feed() -> Iterator[Process]:
    """`manage.py serve`, for the length of a `with` block."""
    with _serving(_FEED) as process:
        yield process


@contextlib.contextmanager
def plain_channels() -> Iterator[Process]:
    """Channels and daphne as their documentation has them."""
    with _serving(_PLAIN) as process:
        yield process


@contextlib.contextmanager
def _serving(command: tuple[str, ...]) -> Iterator[Process]:
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="iqx-feed-") as log:
        process = subprocess.Popen(
            [sys.executable, *command, str(port)], cwd=settings.BASE_DIR, stdout=log, stderr=log, env=os.environ
        )
        try:
            _await_port(process, port, Path(log.name))
            yield Process(port, process)
        finally:
            process.terminate()
            process.wait()


def _await_port(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        with contextlib.suppress(OSError), contextlib.closing(socket.create_connection((HOST, port), timeout=1)):
            return
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"The server does not answer:\n{log.read_text()}")
        time.sleep(0.05)


@dataclass
class Redis:
    """The channel layer's server, one of our own, so that it can be killed."""

    program: str
    folder: str
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        command = [self.program, "--bind", HOST, "--port", str(self.port), "--dir", self.folder, "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        give_up_at = time.monotonic() + _PATIENCE_S
        with contextlib.closing(redis.Redis.from_url(self.url)) as client:
            while True:
                with contextlib.suppress(redis.RedisError):
                    client.ping()
                    return
                if time.monotonic() > give_up_at:
                    raise RuntimeError(f"{self.program} does not answer")
                time.sleep(0.02)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def own_redis() -> Iterator[Redis | None]:
    """A Redis for the run; None where no redis-server is installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="iqx-redis-") as folder:
        server = Redis(program, folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()
