"""The landing page, with all markets, and a market's own page: its book, chart, tape and offers."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from accounts.models import PaymentMethod
from iqx.core import clock
from iqx.core.events import market_stream
from iqx.web import charts
from iqx.web.pages import Context, Page, go
from orders.models import Market, Order
from orders.selectors import book_snapshot, get_market, offers, orders_of
from trades.overview import live_trades_of, markets_at_a_glance
from trades.selectors import CANDLE_INTERVALS, add_records, candles, tape
from trades.views.forms import OfferFilterForm, OrderForm
from wallets.selectors import get_wallet

LEVELS: Final = 12
CANDLES: Final = 60
OFFERS: Final = 15
MOST_PAGES: Final = 10


class HomePage(Page):
    template = "trades/home.html"
    parts: ClassVar = {"markets": "trades/parts/markets.html", "busy": "trades/parts/busy.html"}
    shared = frozenset({"markets"})

    def streams(self) -> Sequence[str]:
        return [market_stream(symbol) for symbol in Market.objects.values_list("symbol", flat=True)]

    def part_markets(self) -> Context:
        return {"markets": markets_at_a_glance(clock.now())}

    def part_busy(self) -> Context:
        """The reader's own trades that wait for somebody."""
        return {"live_trades": live_trades_of(self.user.pk) if self.user else []}


class FindPage(Page):
    """Where the landing page's form leads: the offers that suit the wish."""

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        wish = {name: request.GET[name] for name in ("side", "fiat") if request.GET.get(name)}
        market = Market.objects.filter(symbol=request.GET.get("market", "")).first()
        address = resolve_url("web:market", symbol=market.symbol) if market else resolve_url("web:home")
        return go(f"{address}?{urlencode(wish)}" if wish else address)


class MarketPage(Page):
    """A market. `?side=` says what the reader wants to do: who buys sees the offers of those who sell."""

    template = "trades/market.html"
    parts: ClassVar = {
        "summary": "trades/parts/summary.html",
        "chart": "trades/parts/chart.html",
        "book": "trades/parts/book.html",
        "tape": "trades/parts/tape.html",
        "offers": "trades/parts/offers.html",
        "mine": "trades/parts/mine.html",
    }
    shared = frozenset(parts.keys() - {"mine"})

    @cached_property
    def market(self) -> Market:
        return get_market(self.kwargs["symbol"])

    @cached_property
    def methods(self) -> dict[str, str]:
        """The market's payment methods, by their codes."""
        return method_names(self.market.payment_methods)

    @property
    def side(self) -> str:
        return "sell" if self.request.GET.get("side") == "sell" else "buy"

    def title(self) -> str:
        return self.market.symbol.replace("-", "/")

    def streams(self) -> Sequence[str]:
        return [market_stream(self.kwargs["symbol"])]

    def frame(self) -> Context:
        return super().frame() | {"market": self.market, "side": self.side, "method_names": self.methods}

    def context(self) -> Context:
        order_form = OrderForm(
            initial={"side": self.side, "client_order_id": f"web-{uuid4()}"}, methods=list(self.methods.items())
        )
        return {"form": order_form, "wallet": get_wallet(self.user.pk) if self.user else None}

    def part_summary(self) -> Context:
        (line,) = markets_at_a_glance(clock.now(), self.market.symbol)
        return {"line": line}

    def part_chart(self) -> Context:
        asked = self.request.GET.get("interval", "1h")
        interval = asked if asked in CANDLE_INTERVALS else "1h"
        rows = candles(self.market.symbol, CANDLE_INTERVALS[interval], clock.now(), CANDLES)
        drawn = charts.candle_chart([_candle(row) for row in rows], self.market.tick_size)
        return {"chart": drawn, "interval": interval, "intervals": list(CANDLE_INTERVALS)}

    def part_book(self) -> Context:
        book = book_snapshot(self.market.symbol, 200)
        bids, asks = _levels(book["bids"]), _levels(book["asks"])
        shown = bids[:LEVELS], asks[:LEVELS]
        most = max((amount for levels in shown for _, amount in levels), default=Decimal(1))
        return {
            "bids": [(price, amount, _share(amount, most)) for price, amount in shown[0]],
            "asks": [(price, amount, _share(amount, most)) for price, amount in reversed(shown[1])],
            "spread": asks[0][0] - bids[0][0] if bids and asks else None,
            "depth": charts.depth_chart(bids, asks, self.market.tick_size),
        }

    def part_tape(self) -> Context:
        return {"tape": list(tape(self.market.symbol).order_by("-id")[:20])}

    def part_offers(self) -> Context:
        form = OfferFilterForm(self.request.GET, methods=list(self.methods.items()))
        form.is_valid()
        wish = form.cleaned_data
        more = min(int(self.request.GET["more"][:2]), MOST_PAGES) if _is_digit(self.request) else 0
        limit = OFFERS * (more + 1)
        found = list(self._offers(wish)[: limit + 1])
        add_records(found[:limit])
        add_bounds(found[:limit])
        return {
            "offers": found[:limit],
            "filters": form,
            "more": more + 1 if len(found) > limit else None,
            "wish": wish,
        }

    def _offers(self, wish: dict[str, Any]) -> QuerySet[Order]:
        """Those who do the opposite of what the reader wants, the best price first."""
        found = offers(self.market.symbol, clock.now()).filter(side="sell" if self.side == "buy" else "buy")
        if wish.get("fiat"):
            found = found.filter(remaining__gte=wish["fiat"] / F("price"), min_fill__lte=wish["fiat"] / F("price"))
        if wish.get("method"):
            accepting = found.filter(payment_methods__contains=[wish["method"]])
            found = accepting | found.filter(payment_methods=[])
        if wish.get("trader") == "verified":
            found = found.filter(owner__kyc_level__gte=1)
        elif wish.get("trader") == "proven":
            found = found.filter(
                owner__traderrecord__completed_trades__gte=20, owner__traderrecord__completion_rate__gte=Decimal("0.95")
            )
        found = found.select_related("owner", "market")
        return found.order_by("price" if self.side == "buy" else "-price", "priority")

    def part_mine(self) -> Context:
        if self.user is None:
            return {"my_orders": [], "my_trades": []}
        live = orders_of(self.user.pk).filter(market=self.market, status__in=Order.LIVE).select_related("market")
        trades = [trade for trade in live_trades_of(self.user.pk, 30) if trade.market_id == self.market.symbol]
        return {"my_orders": list(live.order_by("-id")[:20]), "my_trades": trades[:10]}


def add_bounds(offers: Sequence[Order]) -> None:
    """Say of each offer how much fiat one trade with it may be: at `least`, and at `most`."""
    for offer in offers:
        least, most = bounds_of(offer)
        offer.least, offer.most = least * offer.price, most * offer.price  # type: ignore[attr-defined]


def bounds_of(offer: Order) -> tuple[Decimal, Decimal]:
    """USDT that one trade with an offer may have; `market` must be loaded."""
    most = min(offer.remaining, offer.max_fill or offer.remaining)
    return min(max(offer.min_fill, offer.market.min_amount), most), most


def method_names(codes: Sequence[str]) -> dict[str, str]:
    """What payment methods are called, in the order of their names."""
    named = PaymentMethod.objects.filter(code__in=codes).order_by("name")
    return dict(named.values_list("code", "name"))


def _is_digit(request: HttpRequest) -> bool:
    return request.GET.get("more", "").isdecimal()


def _levels(levels: Sequence[Sequence[Any]]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(price), Decimal(amount)) for price, amount, _ in levels]


def _share(amount: Decimal, most: Decimal) -> str:
    """Of the row's width, what the bar behind it takes; for an SVG attribute."""
    return f"{amount / most * 100:.1f}"


def _candle(row: dict[str, Any]) -> charts.Candle:
    numbers = {name: Decimal(row[name]) for name in ("high", "low", "volume")}
    return charts.Candle(at=row["time"], opened=Decimal(row["open"]), closed=Decimal(row["close"]), **numbers)
