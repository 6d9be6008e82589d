from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from iqx.ops import archive
from iqx.runtime import binaries


class Command(BaseCommand):
    help = (
        "Back up the database and the private files into one file, while the platform runs. It holds no keys: keep "
        "IQX_ENCRYPTION_KEYS elsewhere. With --check FILE a backup is read and every part of it verified."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            default=settings.DATA_DIR / "backups",
            help="the folder; default: backups in IQX_DATA_DIR",
        )
        parser.add_argument("--keep", type=int, help="delete all but so many of the newest backups there")
        parser.add_argument("--check", type=Path, metavar="FILE", help="make none; verify this one")

    def handle(self, *, output: Path, keep: int | None, check: Path | None, **_options: object) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep is at least 1")
        try:
            backup = self._read(check) if check else self._make(output)
        except (archive.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            self.style.SUCCESS(
                f"{backup.path}: {backup.bytes / 1e6:.1f} MB, of {backup.at:%Y-%m-%d %H:%M:%S} UTC, version "
                f"{backup.version}, {backup.migrations} migrations, {backup.files} private files"
            )
        )
        if keep and not check:
            for path in archive.thin_out(output, keep):
                self._say(f"deleted {path}")

    def _read(self, path: Path) -> archive.Backup:
        return archive.read(path, say=self._say)

    def _make(self, folder: Path) -> archive.Backup:
        return archive.make(folder, tools=list(binaries.folders()), say=self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
