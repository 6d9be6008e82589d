import re
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from iqx.core.audit.chain import verify


def head(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise ArgumentTypeError("A head is <number>:<hash>, as this command prints it.")
    return text


class Command(BaseCommand):
    help = "Prove that the audit trail is as it was written. Exits with 1 and says where it isn't."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", type=head, help="a head that was printed before: it must be there")
        parser.add_argument(
            "--head-file", type=Path, help="compare with the head in this file, if it is there, and keep the new one"
        )

    def handle(self, *, head: str | None, head_file: Path | None, **options: object) -> None:
        known = head or _stored(head_file)
        verdict = verify(known)
        for broken in verdict.breaks:
            self.stderr.write(broken)
        if verdict.breaks:
            raise CommandError(f"The audit trail is broken in {len(verdict.breaks)} places.", returncode=1)
        if head_file:
            head_file.write_text(verdict.head + "\n")
        self.stdout.write(
            f"The audit trail is whole: {verdict.records} records, {verdict.unsealed} of them not sealed yet, "
            f"in {verdict.batches} batches. Its head, to be kept elsewhere:"
        )
        self.stdout.write(verdict.head)


def _stored(file: Path | None) -> str:
    if file is None or not file.exists():
        return ""
    try:
        return head(file.read_text().strip())
    except ArgumentTypeError as error:
        raise CommandError(f"{file}: {error}", returncode=2) from error
