import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from iqx.core.feed.ports import Limits
from tests.feed import clients
from tests.feed.applications import Person
from tests.feed.clients import ServerProcess

SERVER_NAME = "feed-under-test"
StartServer = Callable[..., ServerProcess]


@contextlib.contextmanager
def _servers() -> Iterator[StartServer]:
    with contextlib.ExitStack() as stack:

        def start(*, redis: str = "", **limits: Any) -> ServerProcess:
            environment = {
                **os.environ,
                "DATABASE_URL": clients.address_of_the_database(),
                "REDIS_URL": redis,
                "PGAPPNAME": SERVER_NAME,
                "PYTHONPATH": str(settings.BASE_DIR),
            }
            command = [sys.executable, "-m", "tests.feed.server", json.dumps(asdict(Limits(**limits)))]
            process = stack.enter_context(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
            stack.callback(process.terminate)
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("Listening on http://"), line
            return ServerProcess(line.removeprefix("Listening on ").strip(), process)

        yield start


@pytest.fixture
def start_server(transactional_db: None) -> Iterator[StartServer]:
    """Start server processes on the test's database; they end with the test.

    Keyword arguments are `Limits`; `redis` is the address of a channel layer, else it is in memory.
    """
    with _servers() as start:
        yield start


@pytest.fixture(scope="session")
def shared_server(django_db_setup: None) -> Iterator[ServerProcess]:
    with _servers() as start:
        yield start(poll_s=0.1)


@pytest.fixture
def server(shared_server: ServerProcess, transactional_db: None) -> ServerProcess:
    """One server process for all tests that only talk to it: markets and people are each test's own."""
    return shared_server


@pytest.fixture
def market() -> str:
    return f"USDT-{uuid4().hex[:8].upper()}"


@pytest.fixture
def person() -> Person:
    return Person(uuid4(), uuid4())


@pytest.fixture
def stranger() -> Person:
    return Person(uuid4(), uuid4())
