import json
import zipfile
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from iqx.core.files.receiving import content_of
from iqx.ops.people import find_user, note_export
from iqx.ops.privacy import export_of, files_of


class Command(BaseCommand):
    help = (
        "Write everything that is known of a person into a ZIP: data.json and the files that he sent. It holds private "
        "data in the clear: hand it over safely, and delete it. The export is recorded in the audit trail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who", metavar="EMAIL|ID")
        parser.add_argument("--reason", default="asked for by the person", help="for the audit trail")
        parser.add_argument("--output", type=Path, help="the file; default: export-<id>.zip here")

    def handle(self, *, who: str, output: Path | None, reason: str, **_options: object) -> None:
        user = find_user(who)
        if user is None:
            raise CommandError(f"There is no user {who}")
        target = output or Path(f"export-{user.pk}.zip")
        if target.exists():
            raise CommandError(f"{target} is there already")
        note_export(user_id=user.pk, reason=reason)
        files = files_of(user)
        target.touch(mode=0o600)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(export_of(user), default=str, indent=2, ensure_ascii=False))
            for file in files.iterator():
                archive.writestr(f"files/{file.pk}-{file.name}", content_of(file))
        self.stdout.write(self.style.SUCCESS(f"{target}: data.json and {files.count()} files"))
