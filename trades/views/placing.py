"""Placing an order, taking an offer, and taking an order back: each shown before it is done."""

from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from iqx.core import clock, numbers
from iqx.core.errors import NotFound
from iqx.core.money import minor_units
from iqx.web.pages import ActionPage, Context, go, safe_next, to_login
from iqx.web.previews import PreviewPage
from orders import services
from orders.errors import OfferChanged
from orders.matching import CloseReason, Side
from orders.models import Market, Order, Reference
from orders.selectors import get_market
from orders.taking import offer_by_link
from trades.api.placing import match_all, match_markets
from trades.placing import place
from trades.rehearsal import rehearse_order, rehearse_take
from trades.selectors import add_records, trades_of_orders
from trades.views.forms import OfferForm, OrderForm, TakeForm
from trades.views.markets import bounds_of, method_names
from trades.views.offers import demands_of, windows_of
from wallets.selectors import get_wallet


class PlacePage(PreviewPage):
    """A new order of one's own."""

    template = "trades/place.html"
    preview_template = "trades/parts/order_preview.html"
    form_class: ClassVar[type[OrderForm]] = OrderForm
    quota = "orders"

    @cached_property
    def market(self) -> Market:
        return get_market(self.kwargs["symbol"])

    @cached_property
    def methods(self) -> dict[str, str]:
        return method_names(self.market.payment_methods)

    def title(self) -> str:
        return _("Post an order on %(market)s") % {"market": self.market.symbol.replace("-", "/")}

    def frame(self) -> Context:
        return super().frame() | {"market": self.market, "method_names": self.methods}

    def make_form(self) -> OrderForm:
        methods = list(self.methods.items())
        if self.request.method == "POST":
            return self.form_class(self.request.POST, methods=methods)
        side = "sell" if self.request.GET.get("side") == "sell" else "buy"
        return self.form_class(initial={"side": side, "client_order_id": f"web-{uuid4()}"}, methods=methods)

    def context(self) -> Context:
        return super().context() | {"wallet": get_wallet(self.member.pk)}

    def look(self, form: OrderForm) -> Context:
        wanted = form.wanted(self.market.symbol)
        return {"rehearsal": rehearse_order(owner=self.member, market=self.market, wanted=wanted)}

    def submit(self, form: OrderForm) -> HttpResponseBase:
        placed = place(owner=self.member, new=[form.wanted(self.market.symbol)])
        (placement,) = placed.placements
        if placement.order is None:
            raise placement.error or RuntimeError("neither an order nor an error")
        match_markets(placed.pending)
        return placed_page(self.request, placement.order, self.market)


def placed_page(request: HttpRequest, order: Order, market: Market) -> HttpResponseBase:
    """Where to go from a new order: to its trade, if it made one."""
    trades = trades_of_orders([order.id])
    if len(trades) == 1:
        messages.success(request, _("Your trade is open."))
        return go("web:trade", trade_id=trades[0].id)
    if trades:
        messages.success(request, _("Your order made %(number)s trades.") % {"number": len(trades)})
        return go("web:trades")
    now = Order.objects.get(pk=order.id)
    if now.link:
        messages.success(request, _("Your offer is ready. Give its link to whom you want to trade with."))
        return go("web:order", order_id=now.pk)
    if now.status == Order.Status.PAUSED:
        messages.success(request, _("Your order waits outside of the book. This page says why."))
        return go("web:order", order_id=now.pk)
    if now.status in Order.LIVE:
        messages.success(request, _("Your order is in the book. You will be told when somebody takes it."))
    else:
        messages.error(request, _("Nobody was there to trade with at this price, so the order ended."))
    return go("web:market", symbol=market.symbol)


class PostOfferPage(PlacePage):
    """The same with all that merchants set."""

    template = "trades/post_offer.html"
    form_class = OfferForm

    def title(self) -> str:
        return _("Post an offer on %(market)s") % {"market": self.market.symbol.replace("-", "/")}

    def context(self) -> Context:
        reference = Reference.objects.filter(pk=self.market.pk, valid_until__gt=clock.now()).first()
        return super().context() | {"reference": reference}


class OfferPage(PreviewPage):
    """Somebody's offer, to be taken as it is seen."""

    template = "trades/offer.html"
    preview_template = "trades/parts/take_preview.html"
    quota = "orders"
    members_only = False

    @cached_property
    def offer(self) -> Order:
        found = Order.objects.filter(pk=self.kwargs["offer_id"], announced=True, link=None).select_related(
            "owner", "market"
        )
        offer = found.first()
        if offer is None:
            raise NotFound
        return offer

    @cached_property
    def methods(self) -> dict[str, str]:
        return method_names(self.offer.payment_methods or self.offer.market.payment_methods)

    @property
    def buying(self) -> bool:
        """Whether who takes it buys."""
        return self.offer.side == Side.SELL

    @property
    def is_open(self) -> bool:
        offer = self.offer
        return offer.status == Order.Status.OPEN and (offer.expires_at is None or offer.expires_at > clock.now())

    def title(self) -> str:
        name = {"name": self.offer.owner.display_name}
        return _("Buy USDT from %(name)s") % name if self.buying else _("Sell USDT to %(name)s") % name

    def frame(self) -> Context:
        offer = self.offer
        least, most = bounds_of(offer)
        return super().frame() | {
            "offer": offer,
            "market": offer.market,
            "method_names": self.methods,
            "least": least,
            "most": most,
            "least_fiat": least * offer.price,
            "most_fiat": most * offer.price,
            "demands": demands_of(offer),
            "windows": windows_of(offer),
        }

    def make_form(self) -> TakeForm:
        options: dict[str, Any] = {"quote": self.offer.market.quote, "methods": list(self.methods.items())}
        if self.request.method == "POST":
            return TakeForm(self.request.POST, **options)
        return TakeForm(
            initial={
                "amount": self.request.GET.get("fiat", ""),
                "unit": self.offer.market.quote,
                "version": self.offer.version,
            },
            **options,
        )

    def context(self) -> Context:
        add_records([self.offer])
        wallet = get_wallet(self.user.pk) if self.user and not self.buying else None
        return super().context() | {"wallet": wallet, "is_open": self.is_open, "is_mine": self.user == self.offer.owner}

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if self.user is None:
            return to_login(request)
        return super().post(request, **kwargs)

    def look(self, form: TakeForm) -> Context:
        wanted = self._wanted(form.cleaned_data)
        return {"rehearsal": rehearse_take(owner=self.member, market=self.offer.market, **wanted)}

    def submit(self, form: TakeForm) -> HttpResponseBase:
        order = services.take_offer(owner=self.member, **self._wanted(form.cleaned_data))
        match_all([order])
        taken = Order.objects.get(pk=order.pk)
        if taken.close_reason in {CloseReason.FOK_UNFILLED, CloseReason.OFFER_GONE}:
            raise OfferChanged
        return placed_page(self.request, order, self.offer.market)

    def _wanted(self, given: dict[str, Any]) -> dict[str, Any]:
        return {
            "offer_id": self.offer.pk,
            "version": given["version"],
            "amount": self._in_usdt(given["amount"], given["unit"]),
            "payment_method": given["payment_method"] or None,
        }

    def _in_usdt(self, amount: Decimal, unit: str) -> Decimal:
        """Fiat as what can be had for it, in the market's lots; all of the offer, if only cents are missing."""
        if unit == "USDT":
            return amount
        lot, price = self.offer.market.lot_size, self.offer.price
        cent = Decimal(1).scaleb(-minor_units(self.offer.market.quote))
        if abs(amount - self.offer.remaining * price) <= cent:
            return Decimal(self.offer.remaining)
        return Decimal((amount / price / lot).to_integral_value(ROUND_DOWN) * lot)


class PrivateOfferPage(OfferPage):
    """An offer that is in no list, for who knows its link."""

    @cached_property
    def offer(self) -> Order:
        return offer_by_link(self.kwargs["link"])

    def _wanted(self, given: dict[str, Any]) -> dict[str, Any]:
        return super()._wanted(given) | {"link": self.kwargs["link"]}


class CancelOrderAction(ActionPage):
    quota = "orders"

    def act(self) -> str:
        order = services.cancel_order(order_id=self.kwargs["order_id"], owner_id=self.member.pk)
        left = numbers.usdt(order.amount - order.filled)
        return _("The order is cancelled; %(amount)s USDT of it were not traded.") % {"amount": left}

    def next_page(self) -> str:
        return safe_next(self.request, "web:orders")
