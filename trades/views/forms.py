"""What the pages of markets, offers and trades ask for."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.trust.standing import Requirements
from iqx.core.money import ZERO
from iqx.web.fields import AmountField, FiatField, PriceField, read_number
from orders.floating import Float
from orders.matching import Side, TimeInForce
from orders.models import Order
from orders.placing import NewOrder
from trades.views.fields import PremiumField, ShareField, UntilField

Choices = list[tuple[str, str]]

SIDES: Final = [("buy", _("Buy")), ("sell", _("Sell"))]
LASTS: Final = [
    (TimeInForce.GTC.value, _("Until I cancel it")),
    (TimeInForce.IOC.value, _("Only what can be had now")),
    (TimeInForce.FOK.value, _("All of it now, or nothing")),
]


class OfferFilterForm(forms.Form):
    """Filters of the offers; what can't be read filters nothing."""

    side = forms.ChoiceField(choices=SIDES, required=False)
    fiat = FiatField(required=False, label=_("Amount"))
    method = forms.ChoiceField(required=False, label=_("Payment method"))
    trader = forms.ChoiceField(
        required=False,
        label=_("Trader"),
        choices=[("", _("Everybody")), ("verified", _("Verified")), ("proven", _("20 trades or more, and reliable"))],
    )

    def __init__(self, *args: Any, methods: Choices, **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        self.fields["method"].choices = [("", _("All")), *methods]  # type: ignore[attr-defined]


class OrderForm(forms.Form):
    """A new order. `client_order_id` is the form's own: sent twice, it makes one order."""

    side = forms.ChoiceField(choices=SIDES, label=_("Side"), widget=forms.RadioSelect)
    price = PriceField(label=_("Price"))
    amount = AmountField(label=_("Amount"))
    payment_methods = forms.MultipleChoiceField(
        required=False,
        label=_("Payment methods"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: any of this market's."),
    )
    min_fill = AmountField(required=False, allow_zero=True, label=_("At least per trade"))
    time_in_force = forms.ChoiceField(
        choices=LASTS, required=False, initial=TimeInForce.GTC.value, label=_("How long it stands")
    )
    post_only = forms.BooleanField(required=False, label=_("Only wait in the book, never take"))
    terms = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Terms for whoever trades with you"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    client_order_id = forms.RegexField(r"^[\x21-\x7e]{1,64}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, methods: Choices, **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        self.fields["payment_methods"].choices = methods  # type: ignore[attr-defined]

    def wanted(self, market: str) -> NewOrder:
        """The order that was written here."""
        given = self.cleaned_data
        return NewOrder(
            market=market,
            side=Side(given["side"]),
            price=given["price"] or ZERO,
            amount=given["amount"],
            payment_methods=tuple(given["payment_methods"]),
            min_fill=given["min_fill"] or ZERO,
            time_in_force=TimeInForce(given["time_in_force"] or TimeInForce.GTC),
            post_only=given["post_only"],
            client_order_id=given["client_order_id"],
            terms=given["terms"],
        )


class FloatForm(forms.Form):
    """How a price follows the market's reference."""

    premium = PremiumField(required=False, label=_("Above the reference"), help_text=_("Below it, if negative: -0.5."))
    min_price = PriceField(required=False, label=_("Never below"))
    max_price = PriceField(required=False, label=_("Never above"))

    def float_(self) -> Float:
        given = self.cleaned_data
        return Float(given["premium"], given["min_price"], given["max_price"])


class OfferForm(FloatForm, OrderForm):
    """An order as merchants place it: with a price that may float, limits, and demands on the other side."""

    PRICINGS: Final = [("fixed", _("A fixed price")), ("floating", _("It follows the reference"))]
    LEVELS: Final = [("", _("Everybody")), ("1", _("Verified, level 1")), ("2", _("Verified, level 2"))]

    pricing = forms.ChoiceField(choices=PRICINGS, label=_("Price"), widget=forms.RadioSelect, initial="fixed")
    price = PriceField(required=False, label=_("Price"))
    max_fill = AmountField(required=False, label=_("At most per trade"))
    until = UntilField(required=False, label=_("Until"), help_text=_("Empty: until you cancel it."))
    kyc_level = forms.TypedChoiceField(
        choices=LEVELS, coerce=int, empty_value=None, required=False, label=_("Who may take it")
    )
    completed_trades = forms.IntegerField(
        required=False, min_value=1, max_value=100_000, label=_("Completed trades, at least")
    )
    completion_rate = ShareField(required=False, label=_("Completed of all, at least"))
    account_age_days = forms.IntegerField(required=False, min_value=1, max_value=3650, label=_("Days here, at least"))
    private = forms.BooleanField(required=False, label=_("Only for those who get its link from me"))
    auto_reply = forms.CharField(
        required=False,
        max_length=2000,
        label=_("First message in each trade"),
        help_text=_("Written in your name when a trade opens. Nobody sees it before."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> None:
        needed = "premium" if self.floats else "price"
        if needed not in self.errors and self.cleaned_data.get(needed) is None:
            self.add_error(needed, ValidationError(_("This is needed."), code="required"))

    @property
    def floats(self) -> bool:
        return self.cleaned_data.get("pricing") == "floating"

    def wanted(self, market: str) -> NewOrder:
        given = self.cleaned_data
        demands = {name: given[name] for name in Requirements.__slots__}
        plain = super().wanted(market)
        return replace(
            plain,
            time_in_force=TimeInForce.GTD if given["until"] else TimeInForce.GTC,
            expires_at=given["until"],
            floats=self.float_() if self.floats else None,
            price=ZERO if self.floats else plain.price,
            max_fill=given["max_fill"],
            requires=Requirements(**demands) if any(demands.values()) else None,
            private=given["private"],
            auto_reply=given["auto_reply"] or None,
        )


class AmendForm(FloatForm):
    """Changes of an order: of its price if that is fixed, else of how it floats."""

    price = PriceField(label=_("Price"))
    amount = AmountField(label=_("Amount"))
    seen = forms.CharField(max_length=200, widget=forms.HiddenInput)

    field_order = ("price", "premium", "min_price", "max_price", "amount")

    def __init__(self, *args: Any, order: Order, **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        self.floats = order.premium_bps is not None
        for name in ("price",) if self.floats else ("premium", "min_price", "max_price"):
            del self.fields[name]
        if self.floats:
            self.fields["premium"].required = True

    def changes(self) -> dict[str, Any]:
        """What `amend_order` takes."""
        given = self.cleaned_data
        how = {"floats": self.float_()} if self.floats else {"price": given["price"]}
        return how | {"amount": given["amount"], "seen": given["seen"]}


class CancelAllForm(forms.Form):
    """Which orders are meant."""

    market = forms.ChoiceField(required=False, label=_("Market"))
    side = forms.ChoiceField(required=False, choices=[("", _("All")), *SIDES], label=_("Side"))

    def __init__(self, *args: Any, markets: Choices, **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        self.fields["market"].choices = [("", _("All")), *markets]  # type: ignore[attr-defined]


class TakeForm(forms.Form):
    """How much of an offer to take: in USDT, or as fiat, which is rounded down to the market's lot."""

    amount = forms.CharField(
        max_length=40,
        label=_("How much?"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"}),
    )
    unit = forms.ChoiceField()
    payment_method = forms.ChoiceField(label=_("Payment method"), required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, quote: str, methods: Choices, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **options)
        self.fields["unit"].choices = [(quote, quote), ("USDT", "USDT")]  # type: ignore[attr-defined]
        self.fields["payment_method"].choices = methods  # type: ignore[attr-defined]

    def clean_amount(self) -> Decimal:
        amount = read_number(self.cleaned_data["amount"])
        if not amount:
            raise ValidationError(_("This must be more than zero."), code="zero")
        return amount
