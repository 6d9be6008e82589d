"""Markets: their rules and fees, changed with a look at what changes, and paused."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import PaymentMethod
from iqx.core.errors import Invalid, NotFound
from iqx.core.money import PRICE_PLACES, is_multiple, plain
from iqx.desk import history
from iqx.desk.dashboard import markets_now
from iqx.desk.views.base import DeskPage, Form
from orders.floating import set_reference
from orders.models import Market, Reference
from orders.services import change_market
from trades.matching_run import match_market

_RULES = (
    "maker_fee", "taker_fee", "tick_size", "lot_size", "min_amount", "max_amount", "payment_window", "payment_methods",
)  # fmt: skip
_HOURS = ("1", "6", "24", "72")
_HIGH_FEE = Decimal("0.05")


class MarketForm(forms.ModelForm):
    """The rules of a market. What the database would refuse, and what is a slip, is refused here with words."""

    payment_methods = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: any method that buyer and seller agree on.",
    )

    class Meta:
        model = Market
        fields = _RULES
        help_texts: ClassVar = {"maker_fee": "A share: 0.001 is a tenth of a per cent.", "taker_fee": "A share, too."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 as Django calls it
        super().__init__(*args, **kwargs)
        suits = Q(currencies__contains=[self.instance.quote]) | Q(currencies=[])
        methods = PaymentMethod.objects.filter(suits | Q(code__in=self.instance.payment_methods)).order_by("name")
        self.initial.update({n: plain(v) for n, v in self.initial.items() if isinstance(v, Decimal)})
        self.fields["payment_methods"].choices = [(method.code, method.name) for method in methods]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("maker_fee", "taker_fee"):
            if data.get(name) is not None and data[name] > _HIGH_FEE:
                self.add_error(name, "More than five per cent: a share is meant, 0.001 is a tenth of a per cent.")
        lot, least, most = data.get("lot_size"), data.get("min_amount"), data.get("max_amount")
        if lot and least and not is_multiple(least, lot):
            self.add_error("min_amount", "No multiple of the lot size.")
        if least and most and most < least:
            self.add_error("max_amount", "Less than the least amount.")
        return data

    def differences(self) -> list[tuple[str, str, str]]:
        """What would change: (rule, from, to)."""
        return [
            (str(self.fields[name].label or name), _shown(self.initial.get(name)), _shown(self.cleaned_data[name]))
            for name in self.changed_data
            if _shown(self.initial.get(name)) != _shown(self.cleaned_data[name])
        ]


def _shown(value: Any) -> str:  # noqa: ANN401 any field's
    if isinstance(value, Decimal):
        return plain(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


class MarketsPage(DeskPage):
    template = "desk/markets.html"
    title = "Markets and fees"

    def context(self) -> dict[str, Any]:
        return {"markets": markets_now()}


class MarketPage(DeskPage):
    template = "desk/market.html"
    actions = ("pause", "resume", "change", "set_reference")

    def context(self, symbol: str) -> dict[str, Any]:
        market = _market(symbol)
        return {
            "title": symbol,
            "market": market,
            "form": MarketForm(instance=market),
            "changes": history.acts_on(market.pk),
            "reference": Reference.objects.filter(pk=symbol).select_related("set_by").first(),
        }

    def post(self, request: HttpRequest, **key: Any) -> HttpResponse:  # noqa: ANN401
        if request.POST.get("action") == "change" and "form" not in self.__dict__:
            return self._change(request, **key)
        return super().post(request, **key)

    def _change(self, request: HttpRequest, symbol: str) -> HttpResponse:
        """First show what would change; then, when that is confirmed with a reason, change it."""
        market = _market(symbol)
        form = MarketForm(request.POST, instance=market)
        if form.is_valid() and form.differences() and "confirmed" in request.POST and self.actor.is_superuser:
            self.form = form
            return super().post(request, symbol=symbol)
        context = {
            "title": symbol,
            "market": _market(symbol),
            "form": form,
            "differences": form.differences() if form.is_valid() else [],
            "is_checked": form.is_valid(),
            "changes": history.acts_on(market.pk),
            "may_move_money": self.actor.is_superuser,
        }
        return render(request, self.template, admin.site.each_context(request) | context)

    def change(self, form: Form, symbol: str) -> str:
        change_market(market=self.form.instance, actor=self.actor, reason=form.reason())
        return "Changed. Orders that are in the book keep the fees of the time when they were placed."

    def set_reference(self, form: Form, symbol: str) -> str:
        hours = form.text("hours")
        if hours not in _HOURS:
            raise Invalid("Choose for how long.", field="hours")
        moved = set_reference(
            symbol=symbol,
            price=price_of(form.text("price")),
            actor=self.actor,
            valid_for=timedelta(hours=int(hours)),
            reason=form.reason(),
        )
        match_market(symbol)  # what was repriced waits for it
        return f"Set: {moved} floating orders follow it."

    def pause(self, form: Form, symbol: str) -> str:
        self._set_status(symbol, Market.Status.HALTED, form.reason())
        return "Paused: no new orders and no matching; cancelling goes on, and live trades, too."

    def resume(self, form: Form, symbol: str) -> str:
        self._set_status(symbol, Market.Status.TRADING, form.reason())
        return "Trading again."

    def _set_status(self, symbol: str, status: Market.Status, reason: str) -> None:
        market = _market(symbol)
        market.status = status
        change_market(market=market, actor=self.actor, reason=reason)


def price_of(text: str) -> Decimal:
    """Raises Invalid."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(0)
    if not (price.is_finite() and price > 0 and round(price, PRICE_PLACES) == price):
        raise Invalid("Give a price of one USDT, with eight decimals at most.", field="price")
    return price


def _market(symbol: str) -> Market:
    market = Market.objects.filter(pk=symbol).first()
    if market is None:
        raise NotFound
    return market
