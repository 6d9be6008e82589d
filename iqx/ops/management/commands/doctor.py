from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from iqx.ops import doctor


class Command(BaseCommand):
    help = (
        "Examine this deployment: settings, database and its durability, migrations, Redis, processes and clock, "
        "files, ledger, backups, mail, people. Says what to mend. Exits with 1 if there is a fault, with --strict "
        "also for hints."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--strict", action="store_true", help="hints count as faults")

    def handle(self, *, strict: bool, **_options: object) -> None:
        counts = {"fault": 0, "hint": 0}
        for name, findings in doctor.examine():
            if not findings:
                self.stdout.write(f"{self.style.SUCCESS('ok')}     {name}")
            for finding in findings:
                counts[finding.level] += 1
                style = self.style.ERROR if finding.level == "fault" else self.style.WARNING
                self.stdout.write(f"{style(f'{finding.level:<6}')} {name}: {finding.what}")
                self.stdout.write(f"         {finding.mend}")
            self.stdout.flush()
        said = f"{counts['fault']} faults, {counts['hint']} hints"
        if counts["fault"] or (strict and counts["hint"]):
            raise CommandError(said, returncode=1)
        self.stdout.write(self.style.SUCCESS(said))
