"""What the fields of payment accounts hold: a kind for each, which checks a value and gives it its one form.

A method lists its fields as data (`FIELD_KEYS`), and names a kind for each; what is no kind here can't be stored.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NumberInvalid
from stdnum.us import rtn

LONGEST: Final = 200

Kind = Callable[[str], str]
"""Takes a visible text without white space around it; returns the form to keep. Raises ValueError: what is wrong."""

FIELD_KEYS: Final = {"name", "label", "kind", "required"}


def _iban(text: str) -> str:
    try:
        return iban.validate(text)
    except NumberInvalid:
        raise ValueError("This is no IBAN: check each digit.") from None


def _bic(text: str) -> str:
    try:
        return bic.validate(text)
    except NumberInvalid:
        raise ValueError("This is no BIC (SWIFT code): 8 or 11 letters and digits.") from None


def _routing_number(text: str) -> str:
    try:
        return rtn.validate(text)
    except NumberInvalid:
        raise ValueError("This is no routing number of an American bank: 9 digits.") from None


def _phone(text: str, region: str | None = None) -> str:
    """The number in the form +447911123456; numbers of `region` may be given as they are dialled there."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise ValueError("This is no phone number; begin with + and the country's code.") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("There is no such phone number.")
    if region and phonenumbers.region_code_for_number(number) != region:
        raise ValueError(f"This method needs a phone number of {region}.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError("This is no e-mail address.") from None
    return text.lower()


def _phone_or_email(text: str, region: str | None = None) -> str:
    return _email(text) if "@" in text else _phone(text, region)


def _like(text: str, *, pattern: str, hint: str, drop: str = "", lower: bool = False) -> str:
    """`text` without the characters in `drop`, if it is all of `pattern`."""
    kept = text.translate({ord(character): None for character in drop})
    kept = kept.lower() if lower else kept
    if not re.fullmatch(pattern, kept, re.ASCII):
        raise ValueError(hint)
    return kept


def _name(text: str) -> str:
    if len(text) < 2 or not any(character.isalpha() for character in text):
        raise ValueError("Give the name as the bank or the wallet shows it.")
    return " ".join(text.split())


def _sort_code(text: str) -> str:
    digits = _like(text, pattern=r"\d{6}", drop="- ", hint="A sort code has 6 digits, as in 20-00-00.")
    return f"{digits[:2]}-{digits[2:4]}-{digits[4:]}"


def _digits(least: int, most: int) -> Kind:
    how_many = f"{least}" if least == most else f"{least} to {most}"
    return partial(
        _like, pattern=rf"\d{{{least},{most}}}", drop="- ", hint=f"An account number here has {how_many} digits."
    )


def _tag(sign: str, least: int, most: int) -> Kind:
    """A name of a wallet, kept with its sign, which may be left out."""

    def clean(text: str) -> str:
        hint = f"{sign} and {least} to {most} letters, digits, dots, dashes or underscores."
        bare = _like(text.removeprefix(sign), pattern=rf"[\w.-]{{{least},{most}}}", hint=hint)
        return sign + bare

    return clean


KINDS: Final[Mapping[str, Kind]] = {
    "name": _name,
    "text": lambda text: text,
    "bank": _name,
    "iban": _iban,
    "bic": _bic,
    "email": _email,
    "phone": _phone,
    "phone_es": partial(_phone, region="ES"),
    "phone_pt": partial(_phone, region="PT"),
    "phone_cd": partial(_phone, region="CD"),
    "phone_vn": partial(_phone, region="VN"),
    "phone_ng": partial(_phone, region="NG"),
    "phone_or_email": _phone_or_email,
    "phone_us_or_email": partial(_phone_or_email, region="US"),
    "sort_code": _sort_code,
    "account_gb": _digits(8, 8),
    "routing_number": _routing_number,
    "account_us": _digits(4, 17),
    "account_vn": _digits(6, 19),
    "nuban": _digits(10, 10),
    "cashtag": _tag("$", 1, 20),
    "tag": _tag("@", 3, 30),
    "account_or_iban": partial(
        _like,
        pattern=r"[A-Z0-9]{5,34}",
        drop="- ",
        hint="5 to 34 capital letters and digits: an account number or IBAN.",
    ),
    "neteller_id": partial(_like, pattern=r"\d{12}", drop="- ", hint="A Neteller account number has 12 digits."),
}


def check_fields(described: object) -> None:
    """Check a method's list of fields, as staff may edit it. Raises Django's ValidationError."""
    if not isinstance(described, list):
        raise ValidationError("A list of fields.", code="invalid")
    for field in described:
        if not isinstance(field, dict) or not set(field) >= FIELD_KEYS or field["kind"] not in KINDS:
            keys, kinds = ", ".join(sorted(FIELD_KEYS)), ", ".join(KINDS)
            raise ValidationError(f"Each field has {keys}; its kind is one of {kinds}.", code="invalid")
    names = [field["name"] for field in described]
    if len(set(names)) < len(names):
        raise ValidationError("Two fields have the same name.", code="invalid")


class DetailInvalid(ValueError):
    """A value that a field can't hold, with the `field`'s name."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def clean_details(described: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """The details of an account in their one form, in the order in which the method describes them.

    Raises:
        DetailInvalid: a field is missing, unknown, or holds what it can't.
    """
    known = {field["name"] for field in described}
    for name in given:
        if name not in known:
            raise DetailInvalid(name, "This method has no such field.")
    cleaned = {field["name"]: _clean(field, given.get(field["name"], "")) for field in described}
    return {name: value for name, value in cleaned.items() if value}


def _clean(field: Mapping[str, Any], value: str) -> str:
    name = field["name"]
    text = unicodedata.normalize("NFKC", value).strip()
    if not text:
        if field["required"]:
            raise DetailInvalid(name, "This field is needed.")
        return ""
    if len(text) > LONGEST or not text.isprintable():
        raise DetailInvalid(name, f"At most {LONGEST} visible characters.")
    try:
        return KINDS[field["kind"]](text)
    except ValueError as error:
        raise DetailInvalid(name, str(error)) from None
