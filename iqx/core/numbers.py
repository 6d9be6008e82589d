"""How numbers and times are written, in the reader's language: the one place that knows.

Amounts of USDT show two decimals at least and six at most, prices what their market's tick has, fiat what its currency
has. Nothing is rounded that somebody could be owed: only statistics (`percent`, `compact`) are.
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils import formats, numberformat
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from iqx.core.money import USDT_PLACES, fiat_total, minor_units, plain

Number = Decimal | str | int

_THIN: Final = "\u202f"
_NO_BREAK: Final = "\u00a0"
_SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "VND": "₫", "NGN": "₦"}


def decimal_of(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def places_of(value: Decimal) -> int:
    """Decimals that say something."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def write(value: Number, places: int) -> str:
    """A number with exactly so many decimals, grouped as the reader's language groups."""
    return numberformat.format(
        decimal_of(value), decimal_sign(), places, grouping=3, thousand_sep=_thousands_sign(), force_grouping=True
    )


def usdt(value: Number) -> str:
    number = decimal_of(value)
    return write(number, min(USDT_PLACES, max(2, places_of(number))))


def fiat(value: Number, currency: str) -> str:
    """`€1,234.50`, or `1 234,50 €` where that is the custom."""
    number = decimal_of(value)
    return with_sign(write(number, max(minor_units(currency), places_of(number))), currency)


def rounded_fiat(value: Number, currency: str) -> str:
    return fiat(fiat_total(decimal_of(value), Decimal(1), currency), currency)


def with_sign(text: str, currency: str) -> str:
    sign = _SIGNS.get(currency)
    if sign is None:
        return f"{text}{_NO_BREAK}{currency}"
    return f"{sign}{text}" if (get_language() or "en").startswith("en") else f"{text}{_NO_BREAK}{sign}"


def price(value: Number, tick: Number) -> str:
    """A price with as many decimals as its market's tick has."""
    number = decimal_of(value)
    return write(number, max(places_of(decimal_of(tick)), places_of(number)))


def percent(share: Number, places: int = 1) -> str:
    """`0.985` as `98.5%`."""
    text = write((decimal_of(share) * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), places)
    return f"{text}%" if (get_language() or "en").startswith(("en", "vi")) else f"{text}{_THIN}%"


def rounded(value: Number, places: int) -> str:
    """A statistic with so many decimals."""
    return write(decimal_of(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), places)


def rate(value: Number) -> str:
    """A fee of `0.0005` as `0.05%`, with the decimals that it has."""
    number = decimal_of(value)
    return percent(number, max(0, places_of(number) - 2))


def compact(value: Number) -> str:
    """For overviews: whole numbers from a hundred on."""
    number = decimal_of(value)
    return write(number, 0 if abs(number) >= 100 else 2)


def span(seconds: int) -> str:
    """A length of time in its two largest units."""
    days, rest = divmod(int(timedelta(seconds=seconds).total_seconds()), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    units = (
        (days, ngettext("%d day", "%d days", days)),
        (hours, ngettext("%d hour", "%d hours", hours)),
        (minutes, ngettext("%d minute", "%d minutes", minutes)),
        (left, ngettext("%d second", "%d seconds", left)),
    )
    told = [text % number for number, text in units if number]
    return " ".join(told[:2]) or _("0 seconds")


def decimal_sign() -> str:
    return str(formats.get_format("DECIMAL_SEPARATOR"))


def _thousands_sign() -> str:
    """Where it is a space, a narrow one that doesn't break."""
    return str(formats.get_format("THOUSAND_SEPARATOR")).replace(_NO_BREAK, _THIN)


def typed(value: Number) -> str:
    """A number as its reader would type it into a form: with his decimal sign, and no grouping."""
    return plain(decimal_of(value)).replace(".", decimal_sign())
