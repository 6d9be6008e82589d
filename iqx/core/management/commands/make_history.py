"""A large past, to look at staff's pages and measure with."""

import time
from dataclasses import fields

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from iqx.demo.history import HistoryExistsError, Scale, draw_books, make_history
from iqx.demo.history.pictures import send_pictures
from iqx.demo.seed import seed
from iqx.desk.figures import roll_up_figures
from trades.reputation import roll_up_records
from wallets.services import roll_up_system_accounts


class Command(BaseCommand):
    help = (
        "Fill the sandbox with the past of a large exchange: people, orders, trades, ledger, events, and what waits "
        "for staff. Stop server and worker meanwhile. Refused in production, and where there is such a past already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for field in fields(Scale):
            parser.add_argument(
                f"--{field.name.replace('_', '-')}", type=int, default=field.default, help=f"default: {field.default}"
            )

    def handle(self, *_args: object, **options: int) -> None:
        if settings.PRODUCTION:
            raise CommandError("Invented people and trades have no place in production.")
        scale = Scale(**{field.name: options[field.name] for field in fields(Scale)})
        if scale.people < 100 or scale.orders < 100 or scale.days < 7:
            raise CommandError("A past has at least 100 people, 100 orders and 7 days.")
        began = time.monotonic()
        try:
            for line in seed():
                self._say(line)
            for line in make_history(scale):
                self._say(line)
        except HistoryExistsError:
            raise CommandError("There is a past already. Start with an empty database.") from None
        self._sum_up()
        self.stdout.write(self.style.SUCCESS(f"The past is made, in {time.monotonic() - began:.0f} s."))

    def _sum_up(self) -> None:
        """What the worker would do at its leisure."""
        for line in send_pictures():
            self._say(line)
        while roll_up_system_accounts(batch=100_000):
            pass
        self._say("rolled up the system accounts")
        self._say(f"counted the records of {roll_up_records()} traders")
        roll_up_figures()
        draw_books()
        self._say("counted the figures of each hour")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
