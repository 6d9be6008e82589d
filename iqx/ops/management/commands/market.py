import getpass
from argparse import ArgumentParser
from collections.abc import Sequence

from django.core.management.base import BaseCommand, CommandError

from iqx.core.errors import DomainError
from iqx.ops.markets import set_status
from orders.models import Market


class Command(BaseCommand):
    help = (
        "Halt markets and resume them. A halted market takes no new orders and matches none; cancelling goes on, and "
        "so do running trades, with their deadlines. For everything at once see `maintenance`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["halt", "resume", "list"])
        parser.add_argument("symbols", nargs="*", metavar="USDT-EUR")
        parser.add_argument("--all", action="store_true", help="all markets")
        parser.add_argument("--reason", default="", help="for the log; needed to halt")

    def handle(self, *, what: str, symbols: Sequence[str], reason: str, **options: object) -> None:
        if what == "list":
            for market in Market.objects.all():
                self.stdout.write(f"{market.symbol}  {market.status}")
            return
        everything = bool(options["all"])
        if bool(symbols) == everything:
            raise CommandError("Name markets, or give --all")
        if what == "halt" and not reason:
            raise CommandError("Say why: --reason '...'")
        chosen = list(Market.objects.values_list("symbol", flat=True)) if everything else list(symbols)
        status = Market.Status.HALTED if what == "halt" else Market.Status.TRADING
        try:
            changed = set_status(chosen, status, by=getpass.getuser(), reason=reason)
        except DomainError as error:
            raise CommandError(error.detail) from error
        for symbol in chosen:
            self.stdout.write(f"{symbol}  {status}{'' if symbol in changed else ' already'}")
