"""Where reference prices come from, if not from staff: a price feed, asked over HTTP every few seconds.

`PriceFeed` is all that a provider has to be. What a feed says is believed only if it is recent and near what was known
before: a jump is left to staff, and until they act the reference goes stale, and floating orders leave the book.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

import httpx
from django.conf import settings

from iqx.core import clock
from iqx.core.errors import DomainError
from orders.floating import set_reference
from orders.models import Market, Reference

logger = logging.getLogger(__name__)

_TIMEOUT_S: Final = 5
_LARGEST: Final = 1_000_000


class FeedFailed(Exception):
    """The feed gave no price that can be believed; the text says why."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Fiat for one USDT, as it was at a time."""

    price: Decimal
    at: datetime


class PriceFeed(Protocol):
    def quote(self, market: Market) -> Quote:
        """Raises: FeedFailed."""


class HttpFeed:
    """A feed that answers a GET with JSON.

    `url` may have `{symbol}`, `{quote}` and `{quote_lower}` in it, as the dotted paths of the price and, if the answer
    has one, of its time may: seconds since 1970, or RFC 3339.
    """

    def __init__(self, url: str, price_field: str, time_field: str = "") -> None:
        self._url, self._price_field, self._time_field = url, price_field, time_field
        self._http = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)

    def quote(self, market: Market) -> Quote:
        names = {"symbol": market.symbol, "quote": market.quote, "quote_lower": market.quote.lower()}
        answer = self._get(self._url.format(**names))
        price = _decimal(_inside(answer, self._price_field.format(**names)))
        at = _time(_inside(answer, self._time_field.format(**names))) if self._time_field else clock.now()
        return Quote(price, at)

    def _get(self, url: str) -> Any:  # noqa: ANN401 whatever JSON there is
        try:
            answer = self._http.get(url, headers={"Accept": "application/json"})
            answer.raise_for_status()
            if len(answer.content) > _LARGEST:
                raise FeedFailed("the answer is too large")
            return json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)
        except (httpx.HTTPError, ValueError) as error:
            raise FeedFailed(str(error) or type(error).__name__) from error


def _inside(answer: Any, path: str) -> Any:  # noqa: ANN401
    for name in path.split("."):
        try:
            answer = answer[int(name)] if isinstance(answer, list) else answer[name]
        except (LookupError, TypeError, ValueError):
            raise FeedFailed(f"the answer has no {path}") from None
    return answer


def _decimal(value: object) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        raise FeedFailed("the price is no number") from None
    if not price.is_finite() or price <= 0:
        raise FeedFailed("the price is no price")
    return price.quantize(Decimal("1e-8")) if price < Decimal(10) ** 10 else price


def _time(value: object) -> datetime:
    try:
        if isinstance(value, Decimal):
            return datetime.fromtimestamp(float(value), UTC)
        at = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        raise FeedFailed("the time of the price is none") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def configured_feed() -> PriceFeed | None:
    """The feed that the settings name, if they do."""
    feed = settings.PRICE_FEED
    return HttpFeed(feed["url"], feed["price_field"], feed["time_field"]) if feed["url"] else None


class Follower:
    """Has the markets' references follow a feed; tells once when it fails, and once when it works again."""

    def __init__(self, feed: PriceFeed) -> None:
        self._feed = feed
        self._failing: set[str] = set()

    def follow(self) -> list[str]:
        """Ask for the price of each market that trades; the markets whose orders were repriced, to be matched next."""
        return [symbol for symbol in map(self._follow, _trading()) if symbol]

    def _follow(self, market: Market) -> str | None:
        try:
            repriced = take_over(market, self._feed.quote(market))
        except (FeedFailed, DomainError) as error:
            if market.symbol not in self._failing:
                self._failing.add(market.symbol)
                logger.warning("The price feed gives no reference for %s: %s", market, error)
            return None
        if market.symbol in self._failing:
            self._failing.discard(market.symbol)
            logger.warning("The price feed gives a reference for %s again", market)
        return market.symbol if repriced else None


def _trading() -> Iterable[Market]:
    return list(Market.objects.filter(status=Market.Status.TRADING))


def take_over(market: Market, quote: Quote) -> int:
    """Make a quote the market's reference; how many orders that repriced. Raises: FeedFailed, Busy."""
    max_age = timedelta(seconds=settings.PRICE_FEED["max_age_s"])
    valid_for = quote.at + max_age - clock.now()
    if not timedelta(0) < valid_for <= max_age + timedelta(minutes=1):
        raise FeedFailed("the price is not of now")
    before = Reference.objects.filter(pk=market.pk).first()
    if before is not None:
        if before.source == Reference.Source.STAFF and before.valid_until > clock.now():
            return 0
        if abs(quote.price - before.price) > before.price * settings.PRICE_FEED["max_jump"]:
            raise FeedFailed(f"{quote.price} is too far from {before.price}; staff have to set it")
    return set_reference(symbol=market.pk, price=quote.price, actor=None, valid_for=min(valid_for, max_age))
