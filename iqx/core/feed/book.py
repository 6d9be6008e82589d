"""A market's book as the feed keeps it: a snapshot, kept up by the events that follow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from iqx.core.money import ZERO, plain, usdt

BookLevel = tuple[str, str, int]
"""Price, amount, number of orders, as JSON carries them."""

Change = tuple[str, str, str, int]
"""Side (`buy` or `sell`), price, change in the amount, change in the number of orders."""


class OutOfStep(Exception):
    """A change does not fit the book: less than nothing would be left of a level."""


@dataclass(slots=True)
class _Level:
    amount: Decimal = ZERO
    orders: int = 0


class Book:
    """Price levels of both sides, at `seq` of the market's stream."""

    def __init__(self, snapshot: Mapping[str, Any]) -> None:
        self.seq: int = snapshot["seq"]
        self._sides: dict[str, dict[Decimal, _Level]] = {
            "buy": _levels(snapshot["bids"]),
            "sell": _levels(snapshot["asks"]),
        }

    def bids(self) -> list[BookLevel]:
        return [_shown(*level) for level in sorted(self._sides["buy"].items(), key=_price, reverse=True)]

    def asks(self) -> list[BookLevel]:
        return [_shown(*level) for level in sorted(self._sides["sell"].items(), key=_price)]

    def apply(self, seq: int, changes: list[Change]) -> dict[str, list[BookLevel]]:
        """Bring the book to `seq`; returns the levels touched as they are now (`"0.000000"` and 0: gone), by side.

        Raises:
            OutOfStep: the book is of no use any more.
        """
        self.seq = seq
        touched: dict[str, dict[Decimal, None]] = {"buy": {}, "sell": {}}
        for side, price, amount, orders in changes:
            level = self._sides[side].setdefault(Decimal(price), _Level())
            level.amount += Decimal(amount)
            level.orders += orders
            touched[side][Decimal(price)] = None
        return {side: [self._settle(side, price) for price in prices] for side, prices in touched.items()}

    def _settle(self, side: str, price: Decimal) -> BookLevel:
        level = self._sides[side][price]
        if level.amount < 0 or level.orders < 0 or (level.orders == 0) != (level.amount == 0):
            raise OutOfStep(f"{side} {price}: {level}")
        if not level.orders:
            del self._sides[side][price]
        return _shown(price, level)


def _levels(shown: list[BookLevel]) -> dict[Decimal, _Level]:
    return {Decimal(price): _Level(Decimal(amount), orders) for price, amount, orders in shown}


def _shown(price: Decimal, level: _Level) -> BookLevel:
    return plain(price), usdt(level.amount), level.orders


def _price(level: tuple[Decimal, _Level]) -> Decimal:
    return level[0]
