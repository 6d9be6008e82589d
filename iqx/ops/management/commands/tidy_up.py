from django.core.management.base import BaseCommand

from iqx.ops.retention import tidy_up


class Command(BaseCommand):
    help = (
        "Delete what is over its time (IQX_RETAIN_*_DAYS), as the worker does every hour; says how much of each kind."
    )

    def handle(self, *_args: object, **_options: object) -> None:
        while any(counts := tidy_up().values()):
            self.stdout.write(f"{sum(counts)} rows")
        self.stdout.write(self.style.SUCCESS("Nothing is over its time."))
