"""What the pages of markets, offers and trades ask for."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from iqx.web.fields import AmountField, FiatField, PriceField, read_number
from orders.matching import TimeInForce

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
