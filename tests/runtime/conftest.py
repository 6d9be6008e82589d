"""Fixtures for tests that start servers and processes of their own."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from iqx.runtime import embedded


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A fresh data directory whose server, if any, is stopped at the end.

    It lies directly in /tmp, since pytest's own folders are private to root, which is a case of its own.
    """
    with tempfile.TemporaryDirectory(prefix="iqx-test-") as name:
        os.chmod(name, 0o755)  # noqa: S103
        folder = Path(name, "data").resolve()
        yield folder
        if folder.exists():
            embedded.stop(folder)


@pytest.fixture
def environment() -> dict[str, str]:
    """A child's environment in which the checkout can be imported and no database is named."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return {**inherited, "PYTHONPATH": str(settings.BASE_DIR), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def python(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python code as a process of its own; whatever is left of it is killed at the end."""
    with contextlib.ExitStack() as stack:

        def start(code: str, *arguments: str) -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code, *arguments],
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            stack.callback(process.kill)
            return process

        yield start


def eventually(condition: Callable[[], object], *, within_s: float = 10) -> bool:
    give_up_at = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True
