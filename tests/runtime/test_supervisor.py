"""The supervisor with real processes: nothing it started outlives it, and what dies comes back."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from iqx.runtime.supervisor import Backoff
from tests.runtime.conftest import eventually

SUPERVISE = """
import sys, time
from iqx.runtime import supervisor
supervisor._STOP_PATIENCE_S = 1.0

folder = sys.argv[1]
live = "import os, sys, time\\nfrom iqx.runtime import lifeline\\nlifeline.hold()\\n"
note = "open(sys.argv[1] + '/' + sys.argv[2], 'a').write(f'{os.getpid()}\\\\n')\\n"
codes = {
    "plain": live + note + "print('at work', flush=True)\\ntime.sleep(600)",
    "deaf": "import signal\\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\\n" + live + note + "time.sleep(600)",
    "parent": live + "import subprocess\\nchild = subprocess.Popen(['sleep', '600'])\\n"
        + note.replace("os.getpid()", "child.pid") + "time.sleep(600)",
}
names = sys.argv[2].split(",")
services = [supervisor.Service(name, [sys.executable, "-c", codes[name], folder, name]) for name in names]

def upkeep():
    raise RuntimeError("upkeep failed")

def say(source, line):
    print(f"{source}: {line}", flush=True)

supervisor.Supervisor(services, say, upkeep=upkeep).run()
print("all ended", flush=True)
"""

Python = Callable[..., subprocess.Popen[str]]


class Watched:
    """A supervisor at work, and the processes that its services noted."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, names: list[str]) -> None:
        self.process, self.folder, self.names = process, folder, names
        assert eventually(lambda: all(self.noted(name) for name in names))

    def noted(self, name: str) -> list[int]:
        note = self.folder / name
        return [int(line) for line in note.read_text().splitlines()] if note.exists() else []

    def alive(self) -> list[int]:
        return [pid for name in self.names for pid in self.noted(name) if is_alive(pid)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def supervise(python: Python, tmp_path: Path) -> Callable[..., Watched]:
    def start(*names: str) -> Watched:
        return Watched(python(SUPERVISE, str(tmp_path), ",".join(names)), tmp_path, list(names))

    return start


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_every_child_and_then_itself(supervise: Callable[..., Watched], signum: signal.Signals) -> None:
    watched = supervise("plain", "deaf", "parent")
    assert len(watched.alive()) == 3
    watched.process.send_signal(signum)
    output, _ = watched.process.communicate(timeout=15)
    assert watched.process.returncode == 0
    assert output.endswith("all ended\n")
    assert watched.alive() == []


def test_a_killed_child_is_started_again(supervise: Callable[..., Watched]) -> None:
    watched = supervise("plain")
    os.kill(watched.noted("plain")[0], signal.SIGKILL)
    assert eventually(lambda: len(watched.noted("plain")) == 2)
    watched.process.terminate()
    output, _ = watched.process.communicate(timeout=15)
    assert "plain ended (signal SIGKILL); starting it again" in output
    assert output.count("plain: at work") == 2
    assert watched.alive() == []


def test_children_end_when_the_supervisor_is_killed(supervise: Callable[..., Watched]) -> None:
    watched = supervise("plain")
    watched.process.kill()
    watched.process.wait()
    assert eventually(lambda: watched.alive() == [], within_s=5)


def test_failing_upkeep_is_told_and_ends_nothing(supervise: Callable[..., Watched]) -> None:
    watched = supervise("plain")
    assert watched.process.stdout
    assert any("upkeep failed" in line for line in watched.process.stdout)
    assert len(watched.alive()) == 1
    watched.process.terminate()
    assert watched.process.wait(timeout=15) == 0


def test_quick_deaths_are_answered_ever_more_slowly() -> None:
    backoff = Backoff()
    assert [backoff.after(0.1) for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]
    assert backoff.after(60) == 0.5
