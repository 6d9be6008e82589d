"""Exact money: USDT amounts have 6 decimals, prices up to 8, fiat as many as its currency has minor units.

Nothing here rounds silently: a seventh decimal of an amount is refused, since PostgreSQL would round it away.
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final

CURRENCY: Final = "USDT"
USDT_PLACES: Final = 6
USDT_UNIT: Final = Decimal("0.000001")
PRICE_PLACES: Final = 8
ZERO: Final = Decimal(0)

_EXACT: Final = Context(prec=50)
_MINOR_UNITS: Final = tuple(Decimal(1).scaleb(-places) for places in range(4))

# ISO 4217: the currencies whose minor unit is not a hundredth.
_NO_MINOR_UNIT: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THOUSANDTHS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def minor_units(currency: str) -> int:
    """Decimals of a fiat currency, by ISO 4217."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def fiat_total(amount: Decimal, price: Decimal, currency: str) -> Decimal:
    """What `amount` USDT cost at `price`, rounded half up, once, to the currency's minor unit."""
    return _EXACT.multiply(amount, price).quantize(_MINOR_UNITS[minor_units(currency)], ROUND_HALF_UP, _EXACT)


def fee_of(amount: Decimal, rate: Decimal) -> Decimal:
    """The fee on `amount` USDT at `rate`, rounded down.

    Rounding down makes the fees of an order's parts never exceed the fee of the whole, which is what was reserved.
    """
    return _EXACT.multiply(amount, rate).quantize(USDT_UNIT, ROUND_DOWN, _EXACT)


def is_multiple(value: Decimal, step: Decimal) -> bool:
    return not _EXACT.remainder(value, step)


def plain(value: Decimal, places: int | None = None) -> str:
    """A decimal as JSON carries it: no exponent; `places` fixed decimals, or none superfluous."""
    if places is not None:
        return f"{value:.{places}f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usdt(value: Decimal) -> str:
    """`"100.000000"`: an amount of USDT as JSON carries it, always with its six decimals."""
    return f"{value:.{USDT_PLACES}f}"
