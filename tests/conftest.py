"""What all tests share. Fixtures of one app are in its own folder's conftest."""

import contextlib
import os
import signal

import pytest
from pytest_django import DjangoDbBlocker

from tests import clean_slate, services

_services = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background: our servers would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):  # xdist's workers use what its controller provides
        services.provide_database(_services)
        services.provide_redis(_services)


def pytest_unconfigure() -> None:
    _services.close()


def pytest_report_header() -> str:
    redis_url = os.environ.get(services.REDIS_VARIABLE)
    return "redis: found" if redis_url else "redis: none found; the tests that need it can't run"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        clean_slate.remember()


@pytest.fixture(scope="session", autouse=True)
def no_maintenance() -> None:
    """No request looks whether the platform is in maintenance: queries are counted. Its own tests look."""
    from iqx.core import maintenance

    maintenance.door.stay_as_it_is()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A real Redis. Other runs may use it too: prefix your keys, and never flush it."""
    url = os.environ.get(services.REDIS_VARIABLE)
    if url:
        return url
    if os.environ.get("CI") == "true":
        pytest.fail("CI has no Redis: it must be installed, so that these tests run")
    pytest.skip("no Redis: set REDIS_URL, or install redis-server")
