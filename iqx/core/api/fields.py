"""Serializer fields for money: exact on the way in, strings on the way out."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from iqx.core import money

_PLAIN = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,64})(?:\.(?P<decimals>[0-9]{1,64}))?")


class ExactField(serializers.Field[Decimal, str | int | Decimal, str, Any]):
    """A positive decimal as a plain string (`"12.5"`) or a JSON number; nothing is rounded."""

    places: int
    whole_digits: int

    default_error_messages = {
        "invalid": 'A plain decimal number is required, such as "12.5".',
        "too_many_decimals": "At most {places} decimals are permitted; nothing is rounded.",
        "too_large": "At most {whole_digits} digits before the point are permitted.",
        "not_positive": "This must be greater than zero.",
        "negative": "This must not be negative.",
    }

    def __init__(self, *, allow_zero: bool = False, **kwargs: Any) -> None:  # noqa: ANN401 whatever DRF's fields take
        self.allow_zero = allow_zero
        super().__init__(**kwargs)

    def to_internal_value(self, data: object) -> Decimal:
        match = _PLAIN.fullmatch(_text_of(data))
        if match is None:
            self.fail("invalid")
        if len(match["decimals"] or "") > self.places:
            self.fail("too_many_decimals", places=self.places)
        if len(match["whole"].lstrip("0")) > self.whole_digits:
            self.fail("too_large", whole_digits=self.whole_digits)
        value = Decimal(match[0])
        if self.allow_zero:
            if value < 0:
                self.fail("negative")
        elif value <= 0:
            self.fail("not_positive")
        return abs(value)

    def to_representation(self, value: Decimal) -> str:
        return money.plain(value)


def _text_of(data: object) -> str:
    """The digits that were sent; JSON numbers come from the strict parser, which bounds them."""
    if isinstance(data, str):
        return data
    if isinstance(data, int | Decimal) and not isinstance(data, bool):
        return f"{data:f}" if isinstance(data, Decimal) else str(data)
    return ""


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{1,14}(\.[0-9]{1,6})?$", "examples": ["100.000000"]})
class AmountField(ExactField):
    """USDT: at most 6 decimals and 14 digits before the point."""

    places = money.USDT_PLACES
    whole_digits = 14

    def to_representation(self, value: Decimal) -> str:
        return money.usdt(value)


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,8})?$", "examples": ["0.9275"]})
class PriceField(ExactField):
    """Fiat per USDT: at most 8 decimals and 10 digits before the point."""

    places = money.PRICE_PLACES
    whole_digits = 10


@extend_schema_field({"type": "string", "pattern": r"^[01](\.[0-9]{1,4})?$", "examples": ["0.9500"]})
class ShareField(ExactField):
    """A part of the whole, above 0 and up to 1, with at most 4 decimals."""

    places = 4
    whole_digits = 1

    default_error_messages = {"too_large": "This must not be more than 1."}

    def to_internal_value(self, data: object) -> Decimal:
        value = super().to_internal_value(data)
        if value > 1:
            self.fail("too_large", whole_digits=1)
        return value

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.4f}"


@extend_schema_field({"type": "string", "maxLength": 80})
class CodeField(serializers.CharField):
    """One of `codes`; a word that is none of them is taken as `otherwise`, since a text beside it tells the rest."""

    def __init__(self, codes: Sequence[str], *, otherwise: str) -> None:
        super().__init__(max_length=80, help_text=f"One of {', '.join(codes)}.")
        self.codes = codes
        self.otherwise = otherwise

    def to_internal_value(self, data: Any) -> str:  # noqa: ANN401 as DRF has it
        code: str = super().to_internal_value(data)
        return code if code in self.codes else str(self.otherwise)
