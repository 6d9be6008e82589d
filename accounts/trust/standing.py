"""What one may ask of a person before trading with him. Pure: knows no database."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


class Unmet(NamedTuple):
    """One requirement that a person does not meet: what is needed, and what he has."""

    requirement: str
    needed: Decimal | int
    has: Decimal | int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order may ask of a person. Who never ended a trade has no completion rate."""

    kyc_level: int
    completed_trades: int
    completion_rate: Decimal | None
    account_age_days: int


@dataclass(frozen=True, slots=True)
class Requirements:
    """The least that an order asks of the other side's owner; None asks nothing."""

    kyc_level: int | None = None
    completed_trades: int | None = None
    completion_rate: Decimal | None = None
    account_age_days: int | None = None

    def unmet_by(self, standing: Standing) -> list[Unmet]:
        """What a person of this `standing` lacks."""
        return [
            Unmet(name, least, has)
            for name in self.__slots__
            if (least := getattr(self, name)) is not None and ((has := getattr(standing, name)) is None or has < least)
        ]
