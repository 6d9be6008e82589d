"""What all bots share: the market that they trade on, its wandering price, their pace, and what came of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

MARKET: Final = "USDT-EUR"

_ANCHOR: Final = Decimal("0.9200")
_FARTHEST: Final = Decimal("0.0150")
_STEP_S: Final = 2.0
_REPORT_S: Final = 300.0
_STEPS: Final = (-2, -1, 0, 1, 2)
_CALM: Final = (1, 6, 10, 6, 1)


class World:
    """One market with a middle price that bots agree on; `speed` divides every delay of theirs."""

    def __init__(
        self, rules: dict[str, Any], last_price: str | None, *, speed: int, say: Callable[[str], None]
    ) -> None:
        self.tick = Decimal(rules["tick_size"])
        self.lot = Decimal(rules["lot_size"])
        self.methods: list[str] = rules["payment_methods"]
        self.names: set[str] = set()
        self.disputed: set[str] = set()
        self.tally: Counter[str] = Counter()
        self._say = say
        self._speed = speed
        self._lowest, self._highest = (int((_ANCHOR + far) / self.tick) for far in (-_FARTHEST, _FARTHEST))
        self._middle = self._within(int(Decimal(last_price or _ANCHOR) / self.tick))

    def _within(self, ticks: int) -> int:
        return min(max(ticks, self._lowest), self._highest)

    def price(self, ticks_from_middle: int) -> Decimal:
        return self.tick * (self._middle + ticks_from_middle)

    def amount(self, least: int, most: int) -> str:
        """A random amount of USDT, on the market's lot; small ones are likelier."""
        lots = int((most - least) / self.lot)
        return str(least + self.lot * min(random.randint(0, lots), random.randint(0, lots)))

    def some_methods(self) -> list[str]:
        return random.sample(self.methods, k=random.randint(2, len(self.methods)))

    async def pause(self, least_s: int, most_s: int) -> None:
        await asyncio.sleep(random.uniform(least_s, most_s) / self._speed)

    async def wander(self) -> None:
        """Let the price wander, and turn back where it went too far."""
        while True:
            await asyncio.sleep(_STEP_S / self._speed)
            self._middle = self._within(self._middle + random.choices(_STEPS, _CALM)[0])

    async def report(self) -> None:
        """Tell now and then what happened."""
        while True:
            await asyncio.sleep(_REPORT_S)
            news = ", ".join(f"{count} {what}" for what, count in sorted(self.tally.items()))
            self._say(f"trades in the last {int(_REPORT_S // 60)} minutes: {news or 'none'}")
            self.tally.clear()
