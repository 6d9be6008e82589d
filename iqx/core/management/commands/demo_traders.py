"""Bots that make a newcomer's market a living one."""

import asyncio
import os
import signal
from argparse import ArgumentParser
from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from iqx.demo.client import Refused
from iqx.demo.traders import MOST, trade
from iqx.runtime.instance import Address


class Command(BaseCommand):
    help = (
        "Run bots that trade play money on USDT-EUR through the public API of a running platform, as real clients "
        "would, until Ctrl-C or SIGTERM. They wait for the platform to come up, and survive its restarts."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="where the platform is; default: HOST and PORT on this machine")
        parser.add_argument("--seconds", type=int, help="end after so long; default: never")
        parser.add_argument("--traders", type=int, default=7, help=f"how many bots, from 2 to {MOST}; default: 7")
        parser.add_argument("--speed", type=int, default=1, help="divides all their delays; default: 1")

    def handle(
        self, *_args: object, url: str | None, seconds: int | None, traders: int, speed: int, **_options: object
    ) -> None:
        if settings.PRODUCTION:
            raise CommandError("Bots with play money have no place in production.")
        if not 2 <= traders <= MOST or speed < 1 or (seconds is not None and seconds < 1):
            raise CommandError(f"There are from 2 to {MOST} traders; speed and seconds are at least 1.")
        url = url or Address(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))).url
        try:
            asyncio.run(self._trade(url.rstrip("/"), seconds, traders, speed))
        except* Refused as refusals:
            reasons = ", ".join(sorted({str(refusal) for refusal in _leaves(refusals)}))
            raise CommandError(f"{url} does not let the bots trade: {reasons}. Is the demo data there?") from None

    async def _trade(self, url: str, seconds: int | None, traders: int, speed: int) -> None:
        trading = asyncio.create_task(trade(url, traders=traders, speed=speed, say=self._say))
        for signum in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signum, trading.cancel)
        done, _ = await asyncio.wait({trading}, timeout=seconds)
        trading.cancel()
        if not done:
            await asyncio.wait({trading})
        if not trading.cancelled():
            trading.result()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
