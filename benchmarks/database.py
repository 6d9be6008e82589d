"""The databases of a run: made on the server that IQX would use, dropped afterwards; nobody's data is touched."""

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from psycopg import sql

from iqx.runtime import embedded
from iqx.runtime.command_line import close_connections

EXCHANGE = "iqx_bench"
TPCB = "iqx_bench_tpcb"
_LOCK_KEY = 0x1C0B


class AlreadyRunningError(RuntimeError):
    """Two benchmarks at once would measure each other."""


@contextlib.contextmanager
def server() -> Iterator[psycopg.Connection]:
    """The server of DATABASE_URL, else the embedded one, for the length of a run.

    Raises:
        AlreadyRunningError: another run uses it.
    """
    with contextlib.ExitStack() as stack:
        url = os.environ.get("DATABASE_URL") or embedded.dsn(settings.DATA_DIR)
        if settings.DATABASE_IS_EMBEDDED:
            stack.enter_context(embedded.session(settings.DATA_DIR))
        os.environ["DATABASE_URL"] = url  # the processes that we start must not start another
        connection = stack.enter_context(psycopg.connect(address_of("postgres"), autocommit=True))
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK_KEY]).fetchone()
        if row is None or not row[0]:
            raise AlreadyRunningError("Another benchmark is running on this server")
        yield connection


def address_of(database: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


@contextlib.contextmanager
def fresh(connection: psycopg.Connection, database: str) -> Iterator[str]:
    """A new, empty database for the length of a `with` block; yields its address."""
    name = sql.Identifier(database)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    connection.execute(drop)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    try:
        yield address_of(database)
    finally:
        connection.execute(drop)


@contextlib.contextmanager
def exchange(connection: psycopg.Connection, name: str = EXCHANGE) -> Iterator[None]:
    """Django on an exchange of its own, migrated and empty; inside another one, that one waits."""
    with fresh(connection, name) as address, _at(name, address):
        call_command("migrate", interactive=False, verbosity=0)
        yield


@contextlib.contextmanager
def _at(name: str, address: str) -> Iterator[None]:
    """Have Django, and the processes that are started meanwhile, use this database."""
    before = settings.DATABASES["default"]["NAME"], os.environ["DATABASE_URL"]
    close_connections()
    settings.DATABASES["default"]["NAME"], os.environ["DATABASE_URL"] = name, address
    try:
        yield
    finally:
        close_connections()
        settings.DATABASES["default"]["NAME"], os.environ["DATABASE_URL"] = before
