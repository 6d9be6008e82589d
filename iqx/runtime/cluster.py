"""One database cluster on disk: made, started and stopped with PostgreSQL's own programs.

The callers in `embedded` hold the start lock, so nothing here races.
"""

import contextlib
import locale
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psycopg import pq

from iqx.runtime import binaries
from iqx.runtime.account import Account
from iqx.runtime.binaries import Binaries, EmbeddedPostgresError

ROLE = DATABASE = "iqx"
PORT = 5432  # only a part of the socket's name: nothing listens on a network

_START_PATIENCE_S = 30
_RECOVERY_PATIENCE_S = 120

_SETTINGS = (
    "listen_addresses=",
    f"port={PORT}",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "max_parallel_workers_per_gather=0",  # parallel plans need more /dev/shm than containers have
    "jit=off",
    "log_checkpoints=off",
)
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A server's files: `home` is private to the account that it runs under."""

    home: Path
    socket_dir: Path
    log: Path

    @property
    def data(self) -> Path:
        return self.home / "cluster"

    @cached_property
    def binaries(self) -> Binaries:
        version = self.data / "PG_VERSION"
        return binaries.find(int(version.read_text()) if version.exists() else None)

    @cached_property
    def account(self) -> Account:
        return Account.for_server(home=self.home, programs=self.binaries.folder)

    def start(self, *, durable: bool) -> bool:
        """Serve; False when it did already."""
        if self._ping() == pq.Ping.OK:
            return False
        self.account.make_private_folder(self.home)
        self.account.make_private_folder(self.socket_dir)
        if not self.data.exists():
            self._create(durable=durable)
        give_up_at = time.monotonic() + _START_PATIENCE_S
        # A process id is no proof of life just after a kill -9, so the socket is asked. A dead server's
        # children may hold its shared memory for a moment; then starting fails and is tried again.
        while (state := self._ping()) != pq.Ping.OK:
            if time.monotonic() > give_up_at:
                raise EmbeddedPostgresError(f"PostgreSQL did not start. {self.log} ends:\n{self._log_tail()}")
            if state == pq.Ping.NO_RESPONSE:
                self._launch(durable=durable)
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        if not (self.data / "postmaster.pid").exists():
            return
        self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")
        if self._ping() == pq.Ping.OK:
            raise EmbeddedPostgresError(f"PostgreSQL did not stop; its log is {self.log}")

    def _ping(self) -> pq.Ping:
        where = f"host={self.socket_dir} port={PORT} user={ROLE} dbname={DATABASE} connect_timeout=5"
        return pq.Ping(pq.PGconn.ping(where.encode()))

    def _create(self, *, durable: bool) -> None:
        """Make the cluster under another name and rename it when complete, so that none is ever half made."""
        unfinished = self.home / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = [f"--username={ROLE}", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        if not durable:
            options.append("--no-sync")
        self._must("initdb", "-D", str(unfinished), *options, *_locale(self.binaries.major))
        single_user = ("postgres", "--single", "-D", str(unfinished), "-c", "exit_on_error=on", "postgres")
        self._must(*single_user, stdin=f"CREATE DATABASE {DATABASE}\n")
        unfinished.rename(self.data)

    def _launch(self, *, durable: bool) -> None:
        self._forget_stale_locks()
        settings = [f"unix_socket_directories={self.socket_dir}", *_SETTINGS]
        if not durable:
            settings += _NOT_DURABLE
        options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
        start = ("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-o", options)
        self._run(*start, "-w", "-t", str(_RECOVERY_PATIENCE_S))

    def _forget_stale_locks(self) -> None:
        """Remove lock files that name a living process which is not this server.

        Process ids start over with each start of a container, so after a kill -9 another process often has
        the old one; PostgreSQL would take that for a running server. A server works in its cluster's directory.
        """
        for lock in (self.data / "postmaster.pid", self.socket_dir / f".s.PGSQL.{PORT}.lock"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(lock.read_text().split()[0])
                if Path(f"/proc/{pid}/cwd").readlink() != self.data:
                    lock.unlink()

    def _run(self, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.account.run([self.binaries.program(program), *arguments], stdin=stdin)

    def _must(self, program: str, *arguments: str, stdin: str = "") -> None:
        answer = self._run(program, *arguments, stdin=stdin)
        if answer.returncode:
            raise EmbeddedPostgresError(f"{program} failed:\n{answer.stdout}")

    def _log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-10:])


def _locale(major: int) -> Sequence[str]:
    """Sort by code point everywhere, and know upper from lower case beyond ASCII."""
    if major >= 17:
        return "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return ("--locale=C",)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "--locale=C", "--lc-ctype=C.UTF-8"
