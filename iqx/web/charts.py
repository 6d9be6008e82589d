"""Charts as SVG, drawn on the server: only coordinates here, the templates draw. All in a field of WIDTH by HEIGHT."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

WIDTH: Final = 600
HEIGHT: Final = 220

Point = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Candle:
    """One interval, in the market's own numbers."""

    at: str
    opened: Decimal
    high: Decimal
    low: Decimal
    closed: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """A candle as it is drawn."""

    candle: Candle
    x: str
    left: str
    width: str
    top: str
    height: str
    high: str
    low: str
    volume_top: str
    volume_height: str
    rises: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, with its label."""

    value: Decimal
    y: str


@dataclass(frozen=True, slots=True)
class CandleChart:
    bars: list[Bar]
    ticks: list[Tick]
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class DepthChart:
    """How much can be bought or sold up to a price: two stairs that meet in the middle."""

    bids: str
    asks: str
    low: Decimal
    high: Decimal
    most: Decimal


def candle_chart(candles: Sequence[Candle], tick: Decimal) -> CandleChart | None:
    """`tick` is the market's: labels are multiples of it."""
    if not candles:
        return None
    low, high = min(candle.low for candle in candles), max(candle.high for candle in candles)
    margin = (high - low) / 12 or high / 200
    low, high = low - margin, high + margin
    most = max(candle.volume for candle in candles)
    slot = Decimal(WIDTH) / max(len(candles), 24)
    start = Decimal(WIDTH) - slot * len(candles)
    bars = [
        _bar(candle, start + slot * (number + Decimal("0.5")), slot * Decimal("0.6"), (low, high), most)
        for number, candle in enumerate(candles)
    ]
    steps = [((low + (high - low) * part / 4) / tick).to_integral_value() * tick for part in (3, 2, 1)]
    ticks = [Tick(value, _text(_y(value, low, high))) for value in steps]
    return CandleChart(bars, ticks, candles[0].at, candles[-1].at)


def _bar(candle: Candle, x: Decimal, width: Decimal, scale: tuple[Decimal, Decimal], most: Decimal) -> Bar:
    top = _y(max(candle.opened, candle.closed), *scale)
    bottom = _y(min(candle.opened, candle.closed), *scale)
    volume = Decimal(HEIGHT) / 5 * candle.volume / most if most else Decimal(0)
    return Bar(
        candle,
        x=_text(x),
        left=_text(x - width / 2),
        width=_text(width),
        top=_text(top),
        height=_text(max(bottom - top, Decimal(1))),
        high=_text(_y(candle.high, *scale)),
        low=_text(_y(candle.low, *scale)),
        volume_top=_text(HEIGHT - volume),
        volume_height=_text(volume),
        rises=candle.closed >= candle.opened,
    )


def depth_chart(bids: Sequence[Point], asks: Sequence[Point], tick: Decimal) -> DepthChart | None:
    """From levels (price, amount), best first. What lies far off is left out: it would flatten the middle."""
    if not bids or not asks:
        return None
    middle = (bids[0][0] + asks[0][0]) / 2
    spread = asks[0][0] - bids[0][0]
    reach = max(spread * 4, middle / 100, _usual(middle, [*bids, *asks]))
    low, high = middle - reach, middle + reach
    down, up = _sums(bids, low, high), _sums(asks, low, high)
    most = max(down[-1][1] if down else Decimal(0), up[-1][1] if up else Decimal(0))
    if not most:
        return None
    ends = [(value / tick).to_integral_value() * tick for value in (low, high)]
    return DepthChart(
        _stairs(down, low, (low, high), most), _stairs(up, high, (low, high), most), ends[0], ends[1], most
    )


def _usual(middle: Decimal, points: Sequence[Point]) -> Decimal:
    """How far from the middle three quarters of all levels are."""
    distances = sorted(abs(price - middle) for price, _ in points)
    return distances[len(distances) * 3 // 4]


def _sums(levels: Iterable[Point], low: Decimal, high: Decimal) -> list[Point]:
    total, sums = Decimal(0), []
    for price, amount in levels:
        if low <= price <= high:
            total += amount
            sums.append((price, total))
    return sums


def _stairs(sums: Sequence[Point], end: Decimal, scale: tuple[Decimal, Decimal], most: Decimal) -> str:
    """A closed path under the stairs."""
    low, high = scale
    path, height = "", Decimal(0)
    for price, total in sums:
        x = (price - low) / (high - low) * WIDTH
        path += f"{'L' if path else 'M'}{_text(x)} {_text(HEIGHT - height)}"
        height = total / most * HEIGHT * Decimal("0.92")
        path += f"L{_text(x)} {_text(HEIGHT - height)}"
    if not path:
        return ""
    x = (end - low) / (high - low) * WIDTH
    return f"{path}L{_text(x)} {_text(HEIGHT - height)}L{_text(x)} {HEIGHT}Z"


def _y(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return Decimal(HEIGHT) * (high - value) / (high - low)


def _text(value: Decimal) -> str:
    return f"{value:.1f}"
