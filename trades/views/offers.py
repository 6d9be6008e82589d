"""One's own orders one by one, and what merchants do with them: change, pause, go on a break, end all."""

from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from iqx.core import numbers
from iqx.core.errors import NotFound
from iqx.web.members import MemberForm, MemberPage
from iqx.web.pages import ActionPage, Context, go
from iqx.web.previews import PreviewPage
from iqx.web.says import told
from orders import pausing, services
from orders.errors import OfferChanged
from orders.matching import Side
from orders.models import OpeningHours, Order
from orders.payment_rules import payment_window
from orders.selectors import orders_of, pending_markets_of
from trades.api.placing import match_all, match_markets
from trades.rehearsal import rehearse_amendment
from trades.selectors import trades_of
from trades.views.forms import AmendForm, CancelAllForm
from trades.views.markets import method_names
from trades.views.texts import PAUSES


def get_own(order_id: UUID, owner_id: UUID) -> Order:
    """One's own order with its market. Raises: NotFound."""
    order = orders_of(owner_id).filter(pk=order_id).select_related("market").first()
    if order is None:
        raise NotFound
    return order


def demands_of(order: Order) -> list[str]:
    """What an order asks of the other side, in words."""
    demands = []
    if order.min_kyc_level:
        demands.append(_("verified, level %(level)s or higher") % {"level": order.min_kyc_level})
    if order.min_trades:
        told = ngettext("%(number)s completed trade or more", "%(number)s completed trades or more", order.min_trades)
        demands.append(told % {"number": numbers.write(order.min_trades, 0)})
    if order.min_completion:
        demands.append(_("%(share)s of all trades completed") % {"share": numbers.rate(order.min_completion)})
    if order.min_account_days:
        told = ngettext(
            "here for %(number)s day or longer", "here for %(number)s days or longer", order.min_account_days
        )
        demands.append(told % {"number": numbers.write(order.min_account_days, 0)})
    return demands


def windows_of(order: Order) -> list[int]:
    """How many seconds the buyer of a trade has to pay, the shortest first: by whichever method the two agree on."""
    market = order.market
    return sorted(
        {payment_window(market, method) for method in order.payment_methods or market.payment_methods or [""]}
    )


class OrderPage(MemberPage):
    """An order of one's own, as only its owner sees it."""

    template = "trades/order.html"
    parts: ClassVar = {"order": "trades/parts/order.html"}

    @cached_property
    def order(self) -> Order:
        return get_own(self.kwargs["order_id"], self.member.pk)

    def title(self) -> str:
        amount = {"amount": numbers.usdt(self.order.amount)}
        return _("Buy %(amount)s USDT") % amount if self.order.side == Side.BUY else _("Sell %(amount)s USDT") % amount

    def part_order(self) -> Context:
        order = self.order
        made = trades_of(self.member.pk).filter(Q(buy_order=order) | Q(sell_order=order)).select_related("market")
        return {
            "order": order,
            "market": order.market,
            "is_live": order.status in Order.LIVE,
            "paused_for": [PAUSES[reason] for reason in order.paused_for or ()],
            "paused_by_owner": Order.Pause.BY_OWNER in (order.paused_for or ()),
            "demands": demands_of(order),
            "windows": windows_of(order),
            "method_names": method_names(order.payment_methods),
            "link": self._link(),
            "trades": list(made.order_by("-pk")[:20]),
        }

    def _link(self) -> str:
        if not self.order.link:
            return ""
        return self.request.build_absolute_uri(resolve_url("web:private-offer", link=self.order.link))


class AmendPage(PreviewPage):
    """Another price or amount of an order that waits."""

    template = "trades/amend.html"
    preview_template = "trades/parts/order_preview.html"
    quota = "orders"

    @cached_property
    def order(self) -> Order:
        return get_own(self.kwargs["order_id"], self.member.pk)

    def title(self) -> str:
        return _("Change the order")

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if self.order.status not in Order.LIVE:
            return go("web:order", order_id=self.order.pk)
        return super().get(request, **kwargs)

    def frame(self) -> Context:
        return super().frame() | {"order": self.order, "market": self.order.market, "amending": True}

    def make_form(self) -> AmendForm:
        order = self.order
        if self.request.method == "POST":
            return AmendForm(self.request.POST, order=order)
        now = {name: getattr(order, name) for name in ("price", "amount", "min_price", "max_price")}
        return AmendForm(initial=now | {"premium": order.premium_bps, "seen": services.terms_of(order)}, order=order)

    def look(self, form: AmendForm) -> Context:
        return {"rehearsal": rehearse_amendment(order=self.order, changes=form.changes())}

    def submit(self, form: AmendForm) -> HttpResponseBase:
        try:
            order = services.amend_order(order_id=self.order.pk, owner_id=self.member.pk, **form.changes())
        except OfferChanged as error:
            messages.error(self.request, told(error))
            return go("web:order-amend", order_id=self.order.pk)  # with what it is now
        match_all([order])
        messages.success(self.request, _("The order is changed."))
        return go("web:order", order_id=order.pk)


class OrderAction(ActionPage):
    """A button of an order's own page."""

    def next_page(self) -> str:
        return resolve_url("web:order", order_id=self.kwargs["order_id"])


class PauseOrder(OrderAction):
    def act(self) -> str:
        pausing.pause_order(order_id=self.kwargs["order_id"], owner_id=self.member.pk)
        return _("The order is out of the book until you resume it.")


class ResumeOrder(OrderAction):
    def act(self) -> str:
        order = pausing.resume_order(order_id=self.kwargs["order_id"], owner_id=self.member.pk)
        if order.status == Order.Status.PAUSED:
            return _("You have resumed it, but something else keeps it out of the book, too.")
        match_all([order])
        return _("The order is back.")


class BreakAction(ActionPage):
    """Take all orders out of the book for a while, or put them back."""

    def act(self) -> str:
        if self.request.POST.get("wish") == "end":
            pausing.resume_all(owner_id=self.member.pk)
            match_markets(pending_markets_of(self.member.pk))
            return _("Welcome back. Your orders are back, too.")
        pausing.pause_all(owner_id=self.member.pk)
        return _("You are on a break: your orders are out of the book until you end it. Trades go on.")

    def next_page(self) -> str:
        return resolve_url("web:orders")


class CancelAllPage(MemberForm):
    """End all orders, or those of a market or side, after being asked whether that is meant."""

    template = "web/form.html"
    form_class = CancelAllForm
    back = ("web:orders", gettext_lazy("Orders"))
    danger = True
    quota = "orders"

    def title(self) -> str:
        return _("Cancel all orders")

    def intro(self) -> str:
        live = orders_of(self.member.pk).filter(status__in=Order.LIVE).count()
        told = ngettext(
            "You have %(number)s order. What is cancelled does not come back; trades go on.",
            "You have %(number)s orders. What is cancelled does not come back; trades go on.",
            live,
        )
        return told % {"number": numbers.write(live, 0)}

    def make_form(self) -> CancelAllForm:
        live = orders_of(self.member.pk).filter(status__in=Order.LIVE).order_by("market_id")
        markets = [(symbol, symbol.replace("-", "/")) for symbol in live.values_list("market_id", flat=True).distinct()]
        return CancelAllForm(self.request.POST if self.request.method == "POST" else None, markets=markets)

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        side = Side(given["side"]) if given["side"] else None
        ended = services.cancel_all(owner_id=self.member.pk, market=given["market"] or None, side=side)
        told = ngettext("%(number)s order is cancelled.", "%(number)s orders are cancelled.", len(ended))
        messages.success(self.request, told % {"number": numbers.write(len(ended), 0)})
        return go("web:orders")


def shop_of(owner_id: UUID) -> Context:
    """How one's orders stand as a whole: how many wait in the book or outside of it, and whether hours are kept."""
    live = list(orders_of(owner_id).filter(status__in=Order.LIVE).values_list("paused_for", flat=True))
    on_break = sum(Order.Pause.BY_OWNER in (reasons or ()) for reasons in live)
    hours = OpeningHours.objects.filter(pk=owner_id).first()
    return {"live": len(live), "on_break": on_break, "hours": hours}
