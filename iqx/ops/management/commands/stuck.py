from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from iqx.core import clock
from iqx.ops import stuck


class Command(BaseCommand):
    help = (
        "List what should have moved on by itself and did not; with --overdue, what waits for staff beyond its "
        "deadline. Exits with 1 if there is something."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--overdue", action="store_true", help="what staff owe, instead of the platform")

    def handle(self, *, overdue: bool, **_options: object) -> None:
        kinds = stuck.overdue() if overdue else stuck.stuck()
        waiting = [thing for kind in kinds for thing in kind.waiting()]
        for thing in waiting:
            age = clock.now() - thing.since
            self.stdout.write(f"{thing.kind:<12} {thing.id} {thing.state:<18} for {_short(age.total_seconds())}")
        if waiting:
            count = sum(kind.count for kind in kinds)
            raise CommandError(f"{count} {'overdue' if overdue else 'stuck'}, {len(waiting)} shown.", returncode=1)
        self.stdout.write(self.style.SUCCESS(f"Nothing is {'overdue' if overdue else 'stuck'}."))


def _short(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
