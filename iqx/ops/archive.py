"""Backups: one file with the database as it was at one moment, and the private files that it points to.

A backup is a tar archive: `manifest.json` (what it is, and digests), `database.dump` (pg_dump's own format)
and `files/` (as they are stored: encrypted). The database goes first: files are written before the rows that point to
them, so whatever the dump knows is there. It holds no key; keep `IQX_ENCRYPTION_KEYS` elsewhere, and don't lose them.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from iqx import __version__
from iqx.core import clock
from iqx.core.files import storage
from iqx.core.models import StoredFile
from iqx.ops.models import Reading

Say = Callable[[str], None]

FORMAT: Final = 1
SUFFIX: Final = ".iqx-backup.tar"
_DUMP: Final = "database.dump"
_MANIFEST: Final = "manifest.json"
READING: Final = "backup"


class BackupError(Exception):
    """The message says what went wrong, and nothing was left half done."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself."""

    path: Path
    at: datetime
    version: str
    migrations: int
    files: int
    bytes: int


# Making one


def make(folder: Path, *, tools: Sequence[Path], say: Say) -> Backup:
    """Write a backup of the platform into `folder`; it appears under its name when it is complete.

    `tools` are folders that may have PostgreSQL's. Raises: BackupError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = clock.now()
    target = folder / f"iqx-{now:%Y%m%d-%H%M%S}{SUFFIX}"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as name:
        making = Path(name)
        say("dumping the database")
        dump = making / _DUMP
        _run(tools, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        names = sorted(StoredFile.objects.values_list("blob", flat=True))
        say(f"copying {len(names)} private files")
        archive = making / "archive"
        with tarfile.open(archive, "w") as tar:
            os.chmod(archive, 0o600)
            digests = dict(_copied(names, tar, making))
            manifest = {
                "format": FORMAT,
                "at": clock.rfc3339(now),
                "version": __version__,
                "migrations": _migrations(),
                "database": _digest(dump),
                "files": digests,
            }
            tar.add(dump, _DUMP)
            (making / _MANIFEST).write_text(json.dumps(manifest))
            tar.add(making / _MANIFEST, _MANIFEST)
        archive.rename(target)
    made = read(target, say=lambda _line: None)
    _note(made)
    return made


def _copied(names: list[str], tar: tarfile.TarFile, making: Path) -> Iterator[tuple[str, str]]:
    """Copy each file as it is stored; one that was deleted meanwhile is nobody's any more."""
    copy = making / "file"
    for name in names:
        try:
            with storage.private().open(name) as source, copy.open("wb") as out:
                shutil.copyfileobj(source, out)
        except FileNotFoundError:
            continue
        tar.add(copy, f"files/{name}")
        yield name, _digest(copy)


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Delete all backups of `folder` but the newest `keep`; which were deleted."""
    old = sorted(folder.glob(f"iqx-*{SUFFIX}"))[:-keep]
    for path in old:
        path.unlink()
    return old


def _note(made: Backup) -> None:
    """For the alert that fires when there was none for a day."""
    now = clock.now()
    data = {"path": str(made.path), "bytes": made.bytes}
    Reading.objects.update_or_create(pk=READING, defaults={"data": data, "at": now, "claimed_at": now, "seconds": 0})


# Reading one


def read(path: Path, *, say: Say) -> Backup:
    """Check that a backup is whole, and say what is in it. Raises: BackupError."""
    say("checking every part of the backup")
    try:
        with tarfile.open(path) as tar:
            manifest = json.loads(_content(tar, _MANIFEST).read())
            wanted = {_DUMP: manifest["database"]} | {f"files/{n}": d for n, d in manifest["files"].items()}
            for name, digest in wanted.items():
                if _digest_of(_content(tar, name)) != digest:
                    raise BackupError(f"{name} in {path} is damaged.")
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        raise BackupError(f"{path} is no backup, or is damaged: {error}") from error
    if manifest["format"] != FORMAT:
        raise BackupError(f"{path} has format {manifest['format']}; this version reads {FORMAT}.")
    return Backup(
        path=path,
        at=datetime.fromisoformat(manifest["at"]),
        version=manifest["version"],
        migrations=len(manifest["migrations"]),
        files=len(manifest["files"]),
        bytes=path.stat().st_size,
    )


def restore(path: Path, *, tools: Sequence[Path], say: Say) -> Backup:
    """Bring a backup back into an empty database. Raises: BackupError."""
    backup = read(path, say=say)
    if connection.introspection.table_names():
        raise BackupError(
            "The database is not empty. Restore into a new one (DATABASE_URL, or another IQX_DATA_DIR), look at it, "
            "and point the platform there."
        )
    with tempfile.TemporaryDirectory(prefix="iqx-restore-") as name, tarfile.open(path) as tar:
        dump = Path(name, _DUMP)
        with dump.open("wb") as out:
            shutil.copyfileobj(_content(tar, _DUMP), out)
        say("restoring the database")
        _run(tools, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(dump))
        say(f"restoring {backup.files} private files")
        for member in tar.getmembers():
            blob = member.name.removeprefix("files/")
            if blob != member.name and not storage.private().exists(blob):
                _put(blob, tar)
    connection.close()
    return backup


def _put(blob: str, tar: tarfile.TarFile) -> None:
    from django.core.files import File

    saved = storage.private().save(blob, File(_content(tar, f"files/{blob}")))
    if saved != blob:
        raise BackupError(f"{blob} could not be stored under its name.")


# Common


def _content(tar: tarfile.TarFile, name: str) -> Any:  # noqa: ANN401 typeshed's IO of bytes
    content = tar.extractfile(name)
    if content is None:
        raise BackupError(f"{name} is missing.")
    return content


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return _digest_of(opened)


def _digest_of(opened: Any) -> str:  # noqa: ANN401 anything that is read
    return hashlib.file_digest(opened, "sha256").hexdigest()


def _migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _run(tools: Sequence[Path], program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools on the platform's database; its password goes by the environment."""
    where = settings.DATABASES["default"] | {"NAME": connection.settings_dict["NAME"]}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {
        variable: str(where[key])
        for variable, key in (("PGHOST", "HOST"), ("PGPORT", "PORT"), ("PGUSER", "USER"), ("PGPASSWORD", "PASSWORD"))
        if where.get(key)
    }
    environment["PGOPTIONS"] = "-c lock_timeout=60000 -c statement_timeout=0"
    database = [f"--dbname={where['NAME']}"]
    done = subprocess.run(  # noqa: S603
        [_tool(tools, program), *database, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{program} failed:\n{done.stderr.strip()[-2000:]}")


def _tool(tools: Sequence[Path], program: str) -> str:
    """The newest of the tool that is installed: an older one refuses a newer server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        (number,) = cursor.fetchone()
    server = int(number) // 10000
    for folder in tools:
        path = folder / program
        if os.access(path, os.X_OK) and _major(path) >= server:
            return str(path)
    raise BackupError(
        f"{program} of version {server} or newer is not installed: apt install postgresql-client-{server}"
    )


def _major(path: Path) -> int:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    digits = [part for part in answer.stdout.split() if part[:1].isdigit()]
    return int(digits[0].split(".")[0]) if digits else 0
