"""`manage.py run`: the platform that a newcomer sees, started, disturbed and stopped as he would."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from iqx.runtime import embedded
from tests.runtime.conftest import eventually
from tests.runtime.test_command_line import MANAGE
from tests.runtime.test_embedded import answers, postmaster
from tests.runtime.test_supervisor import is_alive
from tests.services import free_port

_START_PATIENCE_S = 90


class Platform:
    """One `manage.py run`, with all that it has printed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{environment['PORT']}"
        self.process = subprocess.Popen(
            [sys.executable, MANAGE, "run"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        self.output = self.process.stdout
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        self.lines.extend(self.output)

    def wait_for(self, pattern: str, *, within_s: float = _START_PATIENCE_S) -> None:
        """Until it has printed `pattern`; fails with all that it did print when it won't."""

        def printed() -> bool:
            return bool(re.search(pattern, "".join(self.lines)))

        eventually(lambda: printed() or not self.reader.is_alive(), within_s=within_s)
        assert printed(), f"no {pattern!r} in:\n{''.join(self.lines)}"

    def children(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health", trust_env=False, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture
def run(data_dir: Path, environment: dict[str, str]) -> Iterator[Callable[[], Platform]]:
    port = str(free_port())
    started: list[Platform] = []

    def start() -> Platform:
        started.append(Platform({**environment, "IQX_DATA_DIR": str(data_dir), "PORT": port, "IQX_DEMO_TRADERS": "0"}))
        return started[-1]

    yield start
    for platform in started:
        platform.process.terminate()
        platform.process.wait(timeout=30)
        platform.reader.join()
        platform.output.close()


pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for children in /proc")


def test_ctrl_c_ends_everything_that_run_started(run: Callable[[], Platform], data_dir: Path) -> None:
    platform = run()
    platform.wait_for(rf"IQX is ready: {platform.url}")
    platform.wait_for("alice@iqx.example.*demo-pass-2026", within_s=5)
    assert platform.is_healthy()
    pids = [*platform.children(), postmaster(data_dir)]
    assert len(pids) == 3  # web, worker, PostgreSQL

    platform.process.send_signal(signal.SIGINT)
    assert platform.process.wait(timeout=20) == 0
    platform.wait_for("stopped", within_s=1)
    assert [pid for pid in pids if is_alive(pid)] == []
    assert not answers(data_dir)


def test_a_second_run_is_refused_and_the_first_one_unharmed(run: Callable[[], Platform]) -> None:
    first = run()
    first.wait_for("IQX is ready")
    second = run()
    assert second.process.wait(timeout=30) == 1
    second.wait_for(f"already running here: {first.url}", within_s=1)
    assert first.is_healthy()
    assert first.process.poll() is None


def test_whatever_is_killed_comes_back_with_every_commit(run: Callable[[], Platform], data_dir: Path) -> None:
    platform = run()
    platform.wait_for("IQX is ready")
    with psycopg.connect(embedded.dsn(data_dir)) as connection:
        connection.execute("CREATE TABLE proof AS SELECT 1 AS kept")
    os.kill(postmaster(data_dir), signal.SIGKILL)
    assert eventually(lambda: answers(data_dir), within_s=30)
    for pid in platform.children():
        os.kill(pid, signal.SIGKILL)

    platform.wait_for(r"web ended \(signal SIGKILL\); starting it again", within_s=10)
    assert eventually(platform.is_healthy, within_s=60)
    with psycopg.connect(embedded.dsn(data_dir)) as connection:
        assert connection.execute("SELECT kept FROM proof").fetchone() == (1,)


def test_killing_run_itself_leaves_nothing_behind(run: Callable[[], Platform], data_dir: Path) -> None:
    platform = run()
    platform.wait_for("IQX is ready")
    children = platform.children()
    platform.process.kill()
    platform.process.wait()
    assert eventually(lambda: [pid for pid in children if is_alive(pid)] == [], within_s=20)
    assert eventually(lambda: not answers(data_dir), within_s=20)  # the last of them stopped it
