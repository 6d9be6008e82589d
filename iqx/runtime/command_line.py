"""What `manage.py` does around Django's commands."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType

# These neither read nor write the database; `run` brings it up itself, to say so.
_WITHOUT_DATABASE = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "demo_traders",
        "diffsettings",
        "export_errors",
        "export_schemas",
        "findstatic",
        "help",
        "lint_migrations",
        "makemessages",
        "run",
        "spectacular",
        "startapp",
        "version",
    }
)


def needs_database(argv: list[str]) -> bool:
    arguments = argv[1:]
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in _WITHOUT_DATABASE


@contextlib.contextmanager
def database(argv: list[str]) -> Iterator[None]:
    """The embedded server for the length of a command, if it needs one and no DATABASE_URL is set."""
    from django.conf import settings

    from iqx.runtime import embedded

    if not (needs_database(argv) and settings.DATABASE_IS_EMBEDDED):
        yield
        return
    with embedded.session(settings.DATA_DIR):
        try:
            yield
        finally:
            close_connections()


# What the processes that serve count as in the metrics that they share.
_COUNT_TOGETHER = {"serve": "web", "worker": "worker"}


def start_telling(argv: list[str]) -> None:
    """Have a process that serves count together with its siblings, and send what it should send."""
    kind = _COUNT_TOGETHER.get(argv[1]) if len(argv) > 1 else None
    if kind:
        from django.conf import settings

        from iqx.core import slots, telemetry

        slots.enter(settings.METRICS_DIR, kind)
        telemetry.start(kind)


def close_connections() -> None:
    """Give up all connections of this process, also the pooled ones."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool:
            close_pool()


def end_on_sigterm() -> None:
    """Make SIGTERM unwind the stack, so that `finally` blocks run. Servers set handlers of their own."""

    def leave(signum: int, _frame: FrameType | None) -> None:
        sys.exit(128 + signum)

    signal.signal(signal.SIGTERM, leave)
