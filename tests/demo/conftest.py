import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.runtime.processes import Command, command
from tests.services import free_port


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture
def port() -> str:
    return str(free_port())


StartServer = Callable[[], contextlib.AbstractContextManager[Command]]


@pytest.fixture
def start_server(transactional_db: None, port: str) -> StartServer:
    """Start `manage.py serve` on the test's database, each time on the same port."""

    @contextlib.contextmanager
    def start() -> Iterator[Command]:
        with command("serve", PORT=port) as server:
            server.wait_for("Listening on")
            yield server

    return start


@pytest.fixture
def seeded(transactional_db: None) -> None:
    call_command("seed_demo", verbosity=0)
