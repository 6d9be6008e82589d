"""The services that the tests run on: PostgreSQL always, Redis where there is one.

They are made once, by the process that the developer started; the parallel workers learn of them by the environment.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from django.conf import settings

from iqx.runtime import embedded

REDIS_VARIABLE = "IQX_TEST_REDIS_URL"
_STANDARD_REDIS = "redis://127.0.0.1:6379/0"
_PATIENCE_S = 10


def provide_database(stack: contextlib.ExitStack) -> None:
    """Without DATABASE_URL, an embedded server of the tests' own, which doesn't wait for the disk."""
    if os.environ.get("DATABASE_URL"):
        return
    data_dir = settings.DATA_DIR / "test"
    stack.enter_context(embedded.session(data_dir, durable=False))
    os.environ["DATABASE_URL"] = embedded.dsn(data_dir)
    stack.callback(os.environ.pop, "DATABASE_URL")
    settings.DATABASES["default"]["HOST"] = str(embedded.socket_dir(data_dir))  # this process has read its settings


def provide_redis(stack: contextlib.ExitStack) -> None:
    """REDIS_URL, else the server on the standard port, else a server of the tests' own, if it can be had."""
    url = os.environ.get("REDIS_URL") or (_STANDARD_REDIS if _answers(_STANDARD_REDIS) else _start_redis(stack))
    if url:
        os.environ[REDIS_VARIABLE] = url
        stack.callback(os.environ.pop, REDIS_VARIABLE)


def _start_redis(stack: contextlib.ExitStack) -> str | None:
    program = shutil.which("redis-server")
    if program is None:
        return None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="iqx-redis-"))
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", ""]
    with Path(folder, "log").open("wb") as log:
        process = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
    stack.callback(process.terminate)
    url = f"redis://127.0.0.1:{port}/0"
    give_up_at = time.monotonic() + _PATIENCE_S
    while not _answers(url):
        if time.monotonic() > give_up_at or process.poll() is not None:
            raise RuntimeError(f"{program} does not answer: {Path(folder, 'log').read_text()}")
        time.sleep(0.05)
    return url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    with contextlib.closing(redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
