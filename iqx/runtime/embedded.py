"""The embedded PostgreSQL: a server of the project's own, under the data directory.

It serves on a Unix socket only. Nobody owns it: each process that needs it enters a `session`, the first one
in starts it and the last one out stops it, so a server is never taken away from somebody who uses it.

Two lock files carry that, and the kernel drops them with their holder, however it dies:

* `postgres.users` is held shared by every user. Who leaves tries to get it exclusively, and stops the server
  if that succeeds; a newcomer waits meanwhile, and then starts it anew.
* `postgres.lock` is held while the server is started or stopped, so of racing cold starts one works and the
  others wait.
"""

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from iqx.runtime.binaries import EmbeddedPostgresError
from iqx.runtime.cluster import DATABASE, PORT, ROLE, Cluster

__all__ = ["EmbeddedPostgresError", "dsn", "ensure_running", "log_file", "session", "socket_dir", "stop"]

# A socket's address holds 107 bytes, of which PostgreSQL appends 14 ("/.s.PGSQL.5432"). A comma or an @ means
# something to libpq. A directory that is too long, or not plain, is replaced by a short one.
_SOCKET_DIR_FITS = re.compile(r"[A-Za-z0-9._/+-]{1,92}", re.ASCII)


def socket_dir(data_dir: Path) -> Path:
    home = _home(data_dir)
    if _SOCKET_DIR_FITS.fullmatch(str(home)):
        return home
    return Path("/tmp") / f"iqx-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"  # noqa: S108


def dsn(data_dir: Path) -> str:
    """The server's address, whether it runs or not."""
    return f"postgresql://{ROLE}@{quote(str(socket_dir(data_dir)), safe='')}:{PORT}/{DATABASE}"


def log_file(data_dir: Path) -> Path:
    return _home(data_dir) / "server.log"


def ensure_running(data_dir: Path, *, durable: bool = True) -> bool:
    """Start the server unless it runs; say whether this call started it.

    With `durable=False` commits don't reach the disk before they return: for tests.

    Raises:
        EmbeddedPostgresError: it can't be started; the message says why.
    """
    with _lock(data_dir, "postgres.lock", fcntl.LOCK_EX):
        return _cluster(data_dir).start(durable=durable)


def stop(data_dir: Path) -> None:
    """Stop the server, whoever uses it; harmless when it doesn't run."""
    with _lock(data_dir, "postgres.lock", fcntl.LOCK_EX):
        _cluster(data_dir).stop()


@contextlib.contextmanager
def session(data_dir: Path, *, durable: bool = True) -> Iterator[bool]:
    """Use the server for the length of a `with` block; yields whether this session started it.

    The last session to end stops the server, also if another one, perhaps killed since, had started it.
    """
    with _lock(data_dir, "postgres.users", fcntl.LOCK_SH) as users:
        try:
            yield ensure_running(data_dir, durable=durable)
        finally:  # also when interrupted while starting: who left meanwhile has counted on this one
            with contextlib.suppress(BlockingIOError):  # somebody else still uses it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(data_dir)


def _home(data_dir: Path) -> Path:
    return data_dir.resolve() / "postgres"


def _cluster(data_dir: Path) -> Cluster:
    return Cluster(home=_home(data_dir), socket_dir=socket_dir(data_dir), log=log_file(data_dir))


@contextlib.contextmanager
def _lock(data_dir: Path, name: str, kind: int) -> Iterator[int]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"This user may not write {error.filename}. Run as its owner, or name another IQX_DATA_DIR."
        ) from error
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)
