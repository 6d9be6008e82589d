"""`manage.py` commands as processes of their own, on the test's database."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

from tests.feed.clients import address_of_the_database
from tests.runtime.conftest import eventually
from tests.runtime.test_command_line import MANAGE

PROCESS_NAME = "iqx-under-test"


class Command:
    """One `manage.py` command, with all that it has printed. Its connections are named `PROCESS_NAME`."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, MANAGE, *arguments],
            env={
                **os.environ,
                "DATABASE_URL": address_of_the_database(),
                "REDIS_URL": "",
                "PGAPPNAME": PROCESS_NAME,
                "PYTHONUNBUFFERED": "1",
                "IQX_RATE_LIMITS": "off",
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        self.output = self.process.stdout
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        self.lines.extend(self.output)

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def wait_for(self, words: str, *, within_s: float = 30) -> None:
        eventually(lambda: words in self.text or not self.reader.is_alive(), within_s=within_s)
        assert words in self.text, f"no {words!r} in:\n{self.text}"

    def end(self, signum: signal.Signals = signal.SIGTERM, *, within_s: float = 15) -> int:
        self.process.send_signal(signum)
        return self.process.wait(timeout=within_s)

    def clean_up(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.output.close()


@contextlib.contextmanager
def command(*arguments: str, **variables: str) -> Iterator[Command]:
    started = Command(*arguments, **variables)
    try:
        yield started
    finally:
        started.clean_up()
