"""Fields of forms that read what people type: amounts and prices as their language writes them."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from iqx.core import numbers
from iqx.core.money import PRICE_PLACES, USDT_PLACES

_SPACES: Final = re.compile(r"[\s\u00a0\u202f']")
_NUMBER: Final = re.compile(r"[0-9]{1,14}([.,][0-9]{1,8})?")
_GROUPED: Final = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}")


def read_number(text: str) -> Decimal:
    """What somebody means by `1 234,5` or `1234.5`; where it could mean two things, he is asked to write it otherwise.

    Raises: ValidationError.
    """
    plain = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(_("Write a number without thousands separators, such as 1234.50."), code="invalid")
    grouped = _GROUPED.fullmatch(plain)
    if grouped and grouped[1] != numbers.decimal_sign() and not plain.startswith("0"):
        raise ValidationError(_("Does this sign separate thousands or decimals? Write 1000 or 1.5."), code="ambiguous")
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:  # pragma: no cover - the pattern admits numbers alone
        raise ValidationError(_("Write a number."), code="invalid") from None


class ExactField(forms.Field):
    """A positive number that is never rounded: too many decimals are refused."""

    places: int = USDT_PLACES
    widget = forms.TextInput

    def __init__(self, *, allow_zero: bool = False, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        self.allow_zero = allow_zero
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "decimal", "autocomplete": "off", "class": "num"}

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401 as Django has it
        return numbers.typed(value) if isinstance(value, Decimal) else value

    def to_python(self, value: object) -> Decimal | None:
        if value in self.empty_values:
            return None
        number = value if isinstance(value, Decimal) else read_number(str(value))
        if numbers.places_of(number) > self.places:
            raise ValidationError(
                _("This has more decimals than can be kept: %(places)s at most."),
                code="decimals",
                params={"places": self.places},
            )
        if number == 0 and not self.allow_zero:
            raise ValidationError(_("This must be more than zero."), code="zero")
        return number


class AmountField(ExactField):
    """USDT."""


class PriceField(ExactField):
    """Fiat for one USDT."""

    places = PRICE_PLACES


class FiatField(ExactField):
    """An amount of fiat money."""

    places = 3
