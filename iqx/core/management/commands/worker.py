"""The background worker."""

from django.core.management.base import BaseCommand

from iqx.runtime.worker import work


class Command(BaseCommand):
    help = (
        "Run jobs, and what time brings: deadlines of trades, expiry of orders, matching that a dead server left "
        "undone, tidying up. Any number of workers may run. Ctrl-C or SIGTERM ends it."
    )
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write("Working")
        self.stdout.flush()
        work()
