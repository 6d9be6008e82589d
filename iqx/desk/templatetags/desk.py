"""How staff's pages write times and amounts."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template

from iqx.core import clock
from iqx.core.money import plain

register = template.Library()

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def _length(span: timedelta) -> str:
    """The two largest units: `2 d 4 h`."""
    seconds = int(abs(span.total_seconds()))
    parts = []
    for size, unit in _UNITS:
        if seconds >= size:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts[:2]) or "moments"


@register.filter
def ago(moment: datetime | None) -> str:
    """How long since then."""
    return _length(clock.now() - moment) if moment else ""


@register.filter
def left(moment: datetime | None) -> str:
    """How long until then, or for how long it has been over."""
    if moment is None:
        return ""
    now = clock.now()
    return f"in {_length(moment - now)}" if moment > now else f"{_length(now - moment)} late"


@register.filter
def due(moment: datetime | None) -> str:
    """By when something is owed, or for how long it has been."""
    told = left(moment)
    return f"due {told}" if told.startswith("in ") else told


@register.filter
def money(amount: Decimal | None) -> str:
    """Exactly, as people read it: thousands apart, and two decimals at least."""
    if amount is None:
        return ""
    text = f"{amount:,f}".rstrip("0") if amount != amount.to_integral() else f"{amount:,.0f}."
    whole_part, _, decimals = text.partition(".")
    return f"{whole_part}.{decimals:0<2}"


@register.filter
def short(amount: Decimal | None) -> str:
    """Without superfluous zeros."""
    return "" if amount is None else plain(amount)


@register.filter
def whole(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.0f}"
