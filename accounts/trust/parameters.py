"""What a rule may be tuned by: each kind of parameter knows what it takes, so that no rule can be tuned to nonsense."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from iqx.core.money import USDT_UNIT

Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or table of a rule: its default in production and in the sandbox, and what values it takes."""

    production: Any
    sandbox: Any
    accepts: Check
    says: str

    @property
    def default(self) -> Any:  # noqa: ANN401 a JSON value
        return self.production if settings.PRODUCTION else self.sandbox


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def whole(production: int, sandbox: int, says: str, *, least: int = 0, most: int = 100_000) -> Parameter:
    return Parameter(production, sandbox, lambda value: _is_whole(value, least, most), says)


def amount(production: str, sandbox: str, says: str) -> Parameter:
    """USDT, as a text."""
    return Parameter(production, sandbox, _is_amount, says)


def _is_amount(value: object) -> bool:
    try:
        number = Decimal(value) if isinstance(value, str) else None
        return number is not None and number.is_finite() and 0 <= number < 10**14 and number % USDT_UNIT == 0
    except InvalidOperation:
        return False


def hours_by_risk(production: dict[str, int], sandbox: dict[str, int], says: str) -> Parameter:
    """Hours for each risk class of payment methods: at most 30 days."""

    def accepts(value: object) -> bool:
        known = isinstance(value, dict) and set(value) == set(production)
        return known and all(_is_whole(hours, 0, 720) for hours in value.values())  # type: ignore[attr-defined]

    return Parameter(production, sandbox, accepts, says)


def ladder(production: list[list[int]], sandbox: list[list[int]], says: str) -> Parameter:
    """Rungs `[failures, seconds]`: more failures, longer pauses."""
    return Parameter(production, sandbox, _is_ladder, says)


def _is_ladder(value: object) -> bool:
    if not isinstance(value, list) or not value or len(value) > 20:
        return False
    rungs = [rung for rung in value if isinstance(rung, list) and len(rung) == 2]
    if len(rungs) < len(value) or not all(_is_whole(n, 1, 10_000) and _is_whole(s, 1, 31_536_000) for n, s in rungs):
        return False
    return all(a[0] < b[0] and a[1] <= b[1] for a, b in itertools.pairwise(rungs))
