import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from iqx import __version__
from iqx.ops.migrations_lint import RELEASED, faults_of, last_release, own_migrations


class Command(BaseCommand):
    help = (
        "Check that every migration since the last release can run while that release still serves. Before the first "
        "release there is nothing to break: then what it finds is advice. --released notes what is now a release."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--released", action="store_true", help="all migrations that there are belong to a release")

    def handle(self, *, released: bool, **_options: object) -> None:
        migrations = own_migrations()
        if released:
            RELEASED.write_text(json.dumps({"version": __version__, "migrations": sorted(migrations)}, indent=2) + "\n")
            self.stdout.write(f"Noted {len(migrations)} migrations as those of {__version__}")
            return
        version, known = last_release()
        new = {name: migration for name, migration in migrations.items() if name not in known}
        faults = [f"{name}: {fault}" for name, migration in new.items() for fault in faults_of(migration)]
        if version is None:
            self.stdout.write(f"{len(new)} migrations, and no release yet that they could break")
            return
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in migrations: see docs/operations/migrations.md", returncode=1)
        self.stdout.write(f"{len(new)} migrations since {version}: all can run while it serves")
