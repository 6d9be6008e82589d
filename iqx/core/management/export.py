"""Documents that are generated from the code, and kept under version control."""

import difflib
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import ClassVar

from django.core.management.base import BaseCommand, CommandError

_LINES_SHOWN = 40


class ExportCommand(BaseCommand, ABC):
    """Writes `target`, and what else `documents` names; with `--check` it only says whether that is there already."""

    target: ClassVar[Path]
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is out of date")

    @abstractmethod
    def render(self) -> str:
        """The content that the file should have."""

    def documents(self) -> Iterator[tuple[Path, str]]:
        """Every file, with its content."""
        yield self.target, self.render()

    def handle(self, *, check: bool, **options: object) -> None:
        for target, fresh in self.documents():
            if check:
                self._compare(target, fresh)
            else:
                target.write_text(fresh)
                self.stdout.write(f"Wrote {target}")

    def _compare(self, target: Path, fresh: str) -> None:
        stored = target.read_text() if target.exists() else ""
        if stored == fresh:
            return
        difference = difflib.unified_diff(stored.splitlines(), fresh.splitlines(), "stored", "fresh", lineterm="")
        for line in islice(difference, _LINES_SHOWN):
            self.stderr.write(line)
        raise CommandError(f"{target} is out of date: run manage.py {self.__module__.rpartition('.')[2]}")
