"""The catalogue of payment methods, and what each of them takes for an account and what not."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from accounts.models import PaymentMethod
from accounts.payments.catalogue import METHODS, store
from accounts.payments.fields import KINDS, LONGEST, DetailInvalid, check_fields, clean_details
from accounts.payments.names import same_name
from tests.factories.payments import GOOD, IBAN

ROWS = {method.code: method.as_row() for method in METHODS}

# For each kind what it must not take; a text is only refused where it is empty or too long.
BAD: dict[str, list[str]] = {
    "name": ["X", "12345"],
    "bank": ["X", "12345"],
    "text": [],
    "iban": ["DE89370400440532013001", "DE8937040044053201300", "XX00", "55779911"],
    "bic": ["COBADEF", "12345678", "COBADEFFXXXX"],
    "email": ["maria", "maria@", "@mail.example", "a b@mail.example"],
    "phone": ["+39", "3123456789", "+399999", "maria"],
    "phone_es": ["+351912345678", "+3461234567", "maria"],
    "phone_pt": ["+34612345678", "+35191234567"],
    "phone_cd": ["+254712345678", "+24381"],
    "phone_vn": ["+12125550123", "+8491"],
    "phone_ng": ["+12125550123", "0803"],
    "phone_or_email": ["maria", "+39", "maria@"],
    "phone_us_or_email": ["maria", "+34612345678", "maria@"],
    "sort_code": ["20-00-0", "20-00-001", "AB-CD-EF"],
    "account_gb": ["5577991", "557799112", "5577991X"],
    "routing_number": ["021000022", "02100002", "ABCDEFGHI"],
    "account_us": ["123", "1" * 18, "12A4"],
    "account_vn": ["12345", "1" * 20, "00710001234X6"],
    "nuban": ["012345678", "01234567890", "01234S6789"],
    "cashtag": ["$", "$" + "a" * 21, "$ma ria", "@maria"],
    "tag": ["@ab", "@" + "a" * 31, "@ma ria", "$maria"],
    "account_or_iban": ["1234", "A" * 35, "DE89_3704"],
    "neteller_id": ["45123456789", "4512345678901", "45123456789X"],
}


def fields_of_all() -> Iterator[tuple[str, dict[str, Any]]]:
    for code, row in ROWS.items():
        for field in row["fields"]:
            yield code, field


def test_there_are_at_least_30_methods_and_some_for_each_seeded_currency() -> None:
    assert len(ROWS) >= 30
    for currency in ("EUR", "USD", "GBP", "VND", "NGN"):
        assert sum(currency in row["currencies"] for row in ROWS.values()) >= 5


def test_the_examples_cover_every_method_and_every_kind() -> None:
    assert set(GOOD) == set(ROWS)
    assert set(BAD) == set(KINDS) == {field["kind"] for _, field in fields_of_all()}


@pytest.mark.parametrize("code", ROWS)
def test_good_details_are_kept_as_they_are(code: str) -> None:
    check_fields(ROWS[code]["fields"])
    assert clean_details(ROWS[code]["fields"], GOOD[code]) == GOOD[code]


@pytest.mark.parametrize("code", ROWS)
def test_each_field_refuses_what_it_cannot_hold(code: str) -> None:
    described = ROWS[code]["fields"]
    for field in described:
        too_long, invisible = "9" * (LONGEST + 1), "Maria\u202eSandoval"
        empty = [""] if field["required"] else []
        for bad in [*BAD[field["kind"]], too_long, invisible, *empty]:
            with pytest.raises(DetailInvalid) as refused:
                clean_details(described, GOOD[code] | {field["name"]: bad})
            assert refused.value.field == field["name"], bad


@pytest.mark.parametrize("code", ROWS)
def test_each_method_refuses_missing_and_unknown_fields(code: str) -> None:
    described = ROWS[code]["fields"]
    for name in [field["name"] for field in described if field["required"]]:
        with pytest.raises(DetailInvalid):
            clean_details(described, {other: value for other, value in GOOD[code].items() if other != name})
    with pytest.raises(DetailInvalid):
        clean_details(described, GOOD[code] | {"pin": "1234"})


@pytest.mark.parametrize(
    ("code", "field", "given", "kept"),
    [
        ("sepa", "iban", " de89 3704 0044 0532 0130 00 ", IBAN),
        ("sepa", "holder", "Maria  Sandoval", "Maria Sandoval"),
        ("faster_payments", "sort_code", "200000", "20-00-00"),
        ("momo", "phone", "0912 345 678", "+84912345678"),
        ("paga", "phone", "0803 123 4567", "+2348031234567"),
        ("zelle", "alias", "(212) 555-0123", "+12125550123"),
        ("wise", "email", "Maria@Mail.Example", "maria@mail.example"),
        ("cash_app", "cashtag", "maria", "$maria"),
        ("revolut", "tag", "mariasandoval", "@mariasandoval"),
        ("opay", "account_number", "01234 56789", "0123456789"),
    ],
)
def test_details_are_kept_in_one_form(code: str, field: str, given: str, kept: str) -> None:
    assert clean_details(ROWS[code]["fields"], GOOD[code] | {field: given})[field] == kept


@pytest.mark.parametrize(
    "described", [{}, ["iban"], [{"name": "iban"}], [{"name": "x", "label": "X", "kind": "pin", "required": True}]]
)
def test_staff_cannot_describe_fields_that_nothing_checks(described: object) -> None:
    with pytest.raises(ValidationError):
        check_fields(described)


@pytest.mark.django_db
def test_the_methods_are_stored_once() -> None:
    before = list(PaymentMethod.objects.values())
    store(PaymentMethod)
    assert list(PaymentMethod.objects.values()) == before
    assert {row["code"]: row for row in before} == ROWS


@pytest.mark.django_db
def test_everybody_may_read_what_a_method_needs() -> None:
    told = {method["code"]: method for method in APIClient().get("/api/v1/payment-methods").json()}
    assert set(told) == set(ROWS)
    assert told["sepa"]["fields"][1] == {"name": "iban", "label": "IBAN", "kind": "iban", "required": True}
    assert (told["sepa"]["window"], told["sepa"]["risk"], told["sepa"]["max_amount"]) == (172800, "low", None)
    assert (told["paypal"]["risk"], told["paypal"]["max_amount"]) == ("high", "2000.000000")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Maria Sandoval", "maria sandoval", True),
        ("SANDOVAL, María", "Maria Sandoval", True),
        ("Maria Elena Sandoval", "Maria Sandoval", True),
        ("Nguyễn Văn Đức", "NGUYEN VAN DUC", True),
        ("Seán O'Brien", "SEAN OBRIEN", True),
        ("Groß", "gross", True),
        ("Maria Sandoval", "Mario Sandoval", False),
        ("Maria", "Maria Sandoval", False),
        ("Sandoval Trading Ltd", "Maria Sandoval", False),
        ("", "", False),
    ],
)
def test_names_are_compared_as_banks_spell_them(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same
