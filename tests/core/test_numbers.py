"""Numbers as people write and read them: never rounded, never mistaken."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from iqx.core import numbers
from iqx.web.fields import AmountField, read_number


@pytest.mark.parametrize(
    ("language", "amount", "money", "share"),
    [
        ("en", "1,234.50", "€1,234.50", "98.5%"),
        ("fr", "1\u202f234,50", "1\u202f234,50\u00a0€", "98,5\u202f%"),
        ("vi", "1.234,50", "1.234,50\u00a0€", "98,5%"),
    ],
)
def test_each_language_has_its_own_way(language: str, amount: str, money: str, share: str) -> None:
    with translation.override(language):
        assert numbers.usdt("1234.500000") == amount
        assert numbers.fiat("1234.5", "EUR") == money
        assert numbers.percent("0.985") == share
        assert read_number(numbers.typed("1234.5")) == Decimal("1234.5")


def test_amounts_show_what_they_have_and_no_more() -> None:
    assert [numbers.usdt(text) for text in ("5", "0.000001", "1000000.1")] == ["5.00", "0.000001", "1,000,000.10"]
    assert numbers.fiat("25000", "VND") == "₫25,000"
    assert numbers.price("0.92", "0.0001") == "0.9200"
    assert numbers.rate("0.0005") == "0.05%"
    assert numbers.span(3_725) == "1 hour 2 minutes"


@pytest.mark.parametrize(("text", "value"), [("1 234,5", "1234.5"), ("0.5", "0.5"), ("1000", "1000"), ("12,5", "12.5")])
def test_what_people_type_is_read(text: str, value: str) -> None:
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1,000", "1,000.5", "1.000,5", "-1", "1e3", "NaN", "", "١٢"])
def test_what_could_mean_two_things_is_asked_back(text: str) -> None:
    with pytest.raises(ValidationError):
        read_number(text)


def test_what_thousands_are_depends_on_the_language() -> None:
    assert read_number("1.000") == 1
    with translation.override("vi"), pytest.raises(ValidationError):
        read_number("1.000")


@pytest.mark.parametrize("text", ["0", "0.0000001", "1.0000001"])
def test_amounts_are_refused_rather_than_rounded(text: str) -> None:
    with pytest.raises(ValidationError):
        AmountField().clean(text)
