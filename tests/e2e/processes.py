"""Commands of `manage.py` as processes of their own, as they are run when the platform is deployed."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from django.conf import settings

from tests.feed.clients import ServerProcess, address_of_the_database

MANAGE = str(settings.BASE_DIR / "manage.py")


@contextlib.contextmanager
def manage(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A command on the test's database, until the block ends."""
    with python(MANAGE, *arguments, **environment) as process:
        yield process


@contextlib.contextmanager
def python(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """Python on the test's database, with the platform's settings, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={
            **os.environ,
            "DATABASE_URL": address_of_the_database(),
            "REDIS_URL": "",
            "IQX_RATE_LIMITS": "off",
            "PYTHONPATH": str(settings.BASE_DIR),
            "PYTHONUNBUFFERED": "1",
            **environment,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


@contextlib.contextmanager
def web_server(**environment: str) -> Iterator[ServerProcess]:
    """`manage.py serve` on a free port: REST, pages and sockets, as users meet them."""
    with manage("serve", "--port", "0", **environment) as process:
        yield listening(process)


def listening(process: "subprocess.Popen[str]") -> ServerProcess:
    """A web server, when it has said where it listens."""
    assert process.stdout
    line = process.stdout.readline()
    assert line.startswith("Listening on http://"), line
    return ServerProcess(line.removeprefix("Listening on ").strip(), process)
