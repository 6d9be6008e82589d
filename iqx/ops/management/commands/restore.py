from argparse import ArgumentParser
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from iqx.ops import archive
from iqx.runtime import binaries


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty database (DATABASE_URL, or the embedded one of a new IQX_DATA_DIR), apply "
        "newer migrations, and prove that the books balance. It never overwrites: a database with tables is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: object) -> None:
        try:
            backup = archive.restore(file, tools=list(binaries.folders()), say=self._say)
        except archive.BackupError as error:
            raise CommandError(str(error)) from error
        self._say("applying migrations that are newer than the backup")
        call_command("migrate", interactive=False, verbosity=0)
        self._say("auditing the ledger")
        call_command("audit_ledger", stdout=self.stdout)
        self.stdout.write(self.style.SUCCESS(f"Restored what was there at {backup.at:%Y-%m-%d %H:%M:%S} UTC."))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
