"""What people order: either side, at prices that scatter around a middle so that half of the orders fill.

Most hope for better than the middle, some give way. Prices are drawn evenly between the two limits below; how far
giving way must go for half of the orders to fill was found by simulation, and each run counts what came of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from orders.matching import Side
from orders.placing import NewOrder

MARKETS: Final = ("USDT-EUR", "USDT-USD", "USDT-GBP", "USDT-CHF")
MARKET: Final = MARKETS[0]
TICK: Final = Decimal("0.0001")
_MIDDLE_TICKS: Final = 9200
_HOPE_TICKS: Final = 92
_GIVE_WAY_TICKS: Final = 44


@dataclass(frozen=True, slots=True)
class Wish:
    """An order as somebody would type it."""

    side: Side
    price: Decimal
    amount: Decimal
    market: str = MARKET

    def as_new_order(self) -> NewOrder:
        return NewOrder(market=self.market, side=self.side, price=self.price, amount=self.amount)

    def as_json(self) -> dict[str, str]:
        return {"market": self.market, "side": self.side, "price": str(self.price), "amount": str(self.amount)}


def wish(random: Random, market: str = MARKET) -> Wish:
    side = random.choice((Side.BUY, Side.SELL))
    hoped_for = random.randint(-_GIVE_WAY_TICKS, _HOPE_TICKS)
    ticks = _MIDDLE_TICKS + (hoped_for if side is Side.SELL else -hoped_for)
    return Wish(side, TICK * ticks, Decimal(random.randint(1000, 5000)) / 100, market)
