"""One running platform per data directory, and one server per port."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class CannotStartError(RuntimeError):
    """The message says what is in the way."""


@dataclass(frozen=True)
class Address:
    """Where the web process listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """A URL that works on this machine, also when it listens on every interface."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


@contextlib.contextmanager
def only_one(data_dir: Path, address: Address) -> Iterator[None]:
    """Refuse a second platform on the same data; the kernel frees the lock however the first one ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "run.lock").open("a+", encoding="utf-8")
    except PermissionError as error:
        raise CannotStartError(f"This user may not write {error.filename}.") from None
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStartError(f"IQX is already running here: {lock.read().strip()}") from None
        lock.truncate(0)
        lock.write(f"{address.url} (process {os.getpid()})\n")
        lock.flush()
        yield


def require_free_port(address: Address, *, patience_s: float = 3.0) -> None:
    """Make sure that the port can be had; wait a little for a killed predecessor's children to leave it."""
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            _try_to_listen(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStartError(f"Can't listen on {address.host}:{address.port}: {error}") from error
            if time.monotonic() >= give_up_at:
                raise CannotStartError(
                    f"Port {address.port} on {address.host} is taken by another program. Set PORT to a free one."
                ) from None
            time.sleep(0.2)
        else:
            return


def _try_to_listen(address: Address) -> None:
    family, kind, protocol, _, where = socket.getaddrinfo(
        address.host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(where)
