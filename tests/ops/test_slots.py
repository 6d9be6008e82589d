"""Several processes count as one, however they end."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

_COUNT = """
import os, sys
from pathlib import Path
from iqx.core import slots
slots.enter(Path(sys.argv[1]), "web")
import django; django.setup()
from iqx.core import metrics
metrics.note_request("GET", "/x", 200, 0.1)
metrics.sockets.set(5)
if sys.argv[2] == "fork" and not (child := os.fork()):
    metrics.note_request("GET", "/x", 200, 0.1)
    os._exit(0)
if sys.argv[2] == "fork":
    os.waitpid(child, 0)
print([process.slot for process in slots.processes()], flush=True)
sys.stdin.read()
if sys.argv[2] == "look":
    slots.forget_the_dead()
"""


def start(folder: Path, how: str = "count") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _COUNT, str(folder), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"DJANGO_SETTINGS_MODULE": "iqx.settings", "DATABASE_URL": "postgresql:///none", "PATH": ""},
        cwd=settings.BASE_DIR,
    )


def slots_seen_by(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def total(folder: Path, name: str) -> float | None:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    samples = [sample for metric in registry.collect() for sample in metric.samples if sample.name == name]
    return sum(sample.value for sample in samples) if samples else None


def test_processes_count_together_and_a_successor_counts_on(tmp_path: Path) -> None:
    with start(tmp_path) as one, start(tmp_path) as other:
        assert {slots_seen_by(one), slots_seen_by(other)} <= {"['web-0']", "['web-1']", "['web-0', 'web-1']"}
        assert total(tmp_path, "iqx_http_requests_total") == 2
        assert total(tmp_path, "iqx_http_request_seconds_count") == 2
        assert total(tmp_path, "iqx_sockets") == 10
        one.kill()
        one.wait()
        with start(tmp_path, "look") as successor:
            assert slots_seen_by(successor) == "['web-0', 'web-1']"  # the free slot is taken again
            assert total(tmp_path, "iqx_http_requests_total") == 3
            other.kill()
            other.wait()
            successor.communicate("")
    assert total(tmp_path, "iqx_sockets") == 5  # what the dead one had open is gone
    assert total(tmp_path, "iqx_http_requests_total") == 3  # what it did is not
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_forked_child_counts_in_a_slot_of_its_own(tmp_path: Path) -> None:
    with start(tmp_path, "fork") as process:
        assert slots_seen_by(process) == "['web-0']"
        assert total(tmp_path, "iqx_http_requests_total") == 2
        process.communicate("")
    assert {path.stem for path in tmp_path.glob("*.pid")} == {"web-0", "web-1"}
