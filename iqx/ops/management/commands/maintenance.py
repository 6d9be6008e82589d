import getpass
import time
from argparse import ArgumentParser
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError

from iqx.core import clock, maintenance
from iqx.core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Close the platform for maintenance, and open it again. Meanwhile people look and change nothing (503 "
        "`maintenance`), staff and operators go on, and no deadline passes: `off` moves them by as much."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="We are working on the platform.", help="what people are told")
        parser.add_argument("--minutes", type=int, help="how long it should take; people are told when to come back")

    def handle(self, *, what: str, reason: str, minutes: int | None, **_options: object) -> None:
        if minutes is not None and minutes < 1:
            raise CommandError("--minutes is at least 1")
        try:
            if what == "on":
                self._begin(reason, clock.now() + timedelta(minutes=minutes) if minutes else None)
            elif what == "off":
                self._end()
            else:
                self._tell()
        except DomainError as error:
            raise CommandError(error.detail) from error

    def _begin(self, reason: str, until: datetime | None) -> None:
        maintenance.begin(reason=reason, by=getpass.getuser(), until=until)
        time.sleep(2 * maintenance.FRESH_S)
        self.stdout.write(self.style.SUCCESS("In maintenance: every process refuses changes by now."))
        self.stdout.write("Open again with: manage.py maintenance off")

    def _end(self) -> None:
        ended = maintenance.end()
        took = (ended.ended_at or clock.now()) - ended.started_at
        self.stdout.write(self.style.SUCCESS(f"Open again, after {took.total_seconds():.0f} s."))
        self.stdout.write("The deadlines of live trades move by as much as soon as a worker looks at them.")

    def _tell(self) -> None:
        current = maintenance.under_way()
        if current is None:
            self.stdout.write("Open.")
            return
        until = f", until about {current.until:%H:%M} UTC" if current.until else ""
        self.stdout.write(
            f"In maintenance since {current.started_at:%Y-%m-%d %H:%M} UTC{until}, by {current.by}: {current.reason}"
        )
