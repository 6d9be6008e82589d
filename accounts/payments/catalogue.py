"""The payment methods that IQX knows from the start, as data. A migration stores them; staff change and add more.

`window` is how long a buyer has to pay: minutes where a payment is seen at once, days where banks take days. `risk`
tells how easily such a payment is undone or made from a stolen account: low where it is final, high where a complaint
is enough to take it back.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

MINUTES: Final = 60
HOURS: Final = 60 * MINUTES
DAYS: Final = 24 * HOURS


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an account; `kind` is one of `accounts.payments.fields.KINDS`."""

    name: str
    label: str
    kind: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Method:
    """A payment method. An empty tuple of currencies stands for any."""

    code: str
    name: str
    currencies: tuple[str, ...]
    instant: bool
    window: int
    risk: str
    fields: tuple[Field, ...]

    def as_row(self) -> dict[str, Any]:
        return asdict(self) | {"currencies": list(self.currencies), "fields": [asdict(field) for field in self.fields]}


_HOLDER = Field("holder", "Account holder", "name")
_IBAN = Field("iban", "IBAN", "iban")
_BIC = Field("bic", "BIC", "bic", required=False)
_BANK = Field("bank", "Bank", "bank")
_EMAIL = Field("email", "E-mail", "email")
_TAG = Field("tag", "Tag", "tag")
_CASH = (
    Field("place", "Place to meet", "text"),
    Field("hours", "When", "text", required=False),
)
_UK = (_HOLDER, Field("sort_code", "Sort code", "sort_code"), Field("account_number", "Account number", "account_gb"))
_US = (
    _HOLDER,
    _BANK,
    Field("routing_number", "Routing number", "routing_number"),
    Field("account_number", "Account number", "account_us"),
)
_VN = (_HOLDER, _BANK, Field("account_number", "Account number", "account_vn"))
_NG = (_HOLDER, _BANK, Field("account_number", "Account number (NUBAN)", "nuban"))
_NG_WALLET = (_HOLDER, Field("account_number", "Account number", "nuban"))
_PICK_UP = (_HOLDER, Field("city", "City of pick-up", "text"), Field("country", "Country", "text"))


def _phone(kind: str = "phone") -> Field:
    return Field("phone", "Phone", kind)


METHODS: Final = (
    # The euro area
    Method("sepa", "SEPA transfer", ("EUR",), False, 2 * DAYS, "low", (_HOLDER, _IBAN, _BIC)),
    Method("sepa_instant", "SEPA Instant", ("EUR",), True, 30 * MINUTES, "low", (_HOLDER, _IBAN, _BIC)),
    Method("n26", "N26", ("EUR",), True, 30 * MINUTES, "low", (_HOLDER, _IBAN)),
    Method("bunq", "bunq", ("EUR",), True, 30 * MINUTES, "low", (_HOLDER, _IBAN)),
    Method("bizum", "Bizum", ("EUR",), True, 20 * MINUTES, "medium", (_HOLDER, _phone("phone_es"))),
    Method("mb_way", "MB WAY", ("EUR",), True, 20 * MINUTES, "medium", (_HOLDER, _phone("phone_pt"))),
    Method("satispay", "Satispay", ("EUR",), True, 20 * MINUTES, "medium", (_HOLDER, _phone())),
    Method(
        "wero", "Wero", ("EUR",), True, 20 * MINUTES, "medium",
        (_HOLDER, Field("alias", "Phone or e-mail", "phone_or_email")),
    ),
    Method("paysera", "Paysera", ("EUR", "GBP", "USD"), True, 30 * MINUTES, "medium", (_HOLDER, _IBAN)),
    # Several currencies
    Method("revolut", "Revolut", ("EUR", "GBP", "USD"), True, 20 * MINUTES, "medium", (_HOLDER, _TAG)),
    Method("wise", "Wise", ("EUR", "GBP", "USD"), True, 30 * MINUTES, "medium", (_HOLDER, _EMAIL)),
    Method("paypal", "PayPal", ("EUR", "GBP", "USD"), True, 20 * MINUTES, "high", (_HOLDER, _EMAIL)),
    Method("skrill", "Skrill", ("EUR", "GBP", "USD"), True, 20 * MINUTES, "high", (_HOLDER, _EMAIL)),
    Method(
        "neteller", "Neteller", ("EUR", "GBP", "USD"), True, 20 * MINUTES, "high",
        (_HOLDER, Field("account_number", "Account number", "neteller_id")),
    ),
    Method(
        "swift", "International transfer (SWIFT)", ("EUR", "GBP", "USD"), False, 5 * DAYS, "low",
        (
            _HOLDER,
            _BANK,
            Field("bic", "BIC (SWIFT code)", "bic"),
            Field("account_number", "Account number or IBAN", "account_or_iban"),
        ),
    ),
    Method("western_union", "Western Union", ("EUR", "GBP", "USD"), True, 12 * HOURS, "high", _PICK_UP),
    Method("moneygram", "MoneyGram", ("EUR", "GBP", "USD"), True, 12 * HOURS, "high", _PICK_UP),
    # The United Kingdom
    Method("faster_payments", "Faster Payments", ("GBP",), True, 30 * MINUTES, "low", _UK),
    Method("chaps", "CHAPS", ("GBP",), False, 1 * DAYS, "low", _UK),
    Method("monzo", "Monzo", ("GBP",), True, 30 * MINUTES, "low", _UK),
    Method("starling", "Starling Bank", ("GBP",), True, 30 * MINUTES, "low", _UK),
    # The United States, and dollars elsewhere
    Method(
        "zelle", "Zelle", ("USD",), True, 20 * MINUTES, "medium",
        (_HOLDER, Field("alias", "Phone or e-mail", "phone_us_or_email")),
    ),
    Method(
        "cash_app", "Cash App", ("USD",), True, 20 * MINUTES, "high",
        (_HOLDER, Field("cashtag", "$Cashtag", "cashtag")),
    ),
    Method("venmo", "Venmo", ("USD",), True, 20 * MINUTES, "high", (_HOLDER, _TAG)),
    Method("chime", "Chime", ("USD",), True, 20 * MINUTES, "medium", (_HOLDER, Field("tag", "ChimeSign", "cashtag"))),
    Method("ach", "ACH transfer", ("USD",), False, 4 * DAYS, "high", _US),
    Method("wire", "Wire transfer", ("USD",), False, 1 * DAYS, "low", _US),
    Method("m_pesa", "M-Pesa (DR Congo)", ("USD",), True, 20 * MINUTES, "medium", (_HOLDER, _phone("phone_cd"))),
    # Vietnam
    Method("vietqr", "VietQR", ("VND",), True, 15 * MINUTES, "low", _VN),
    Method("bank_transfer_vn", "Bank transfer (Vietnam)", ("VND",), True, 15 * MINUTES, "low", _VN),
    Method("momo", "MoMo", ("VND",), True, 15 * MINUTES, "medium", (_HOLDER, _phone("phone_vn"))),
    Method("zalopay", "ZaloPay", ("VND",), True, 15 * MINUTES, "medium", (_HOLDER, _phone("phone_vn"))),
    Method("viettel_money", "Viettel Money", ("VND",), True, 15 * MINUTES, "medium", (_HOLDER, _phone("phone_vn"))),
    Method("shopeepay", "ShopeePay", ("VND",), True, 15 * MINUTES, "medium", (_HOLDER, _phone("phone_vn"))),
    # Nigeria
    Method("bank_transfer_ng", "Bank transfer (Nigeria)", ("NGN",), True, 20 * MINUTES, "low", _NG),
    Method("opay", "OPay", ("NGN",), True, 15 * MINUTES, "medium", _NG_WALLET),
    Method("palmpay", "PalmPay", ("NGN",), True, 15 * MINUTES, "medium", _NG_WALLET),
    Method("kuda", "Kuda", ("NGN",), True, 15 * MINUTES, "low", _NG_WALLET),
    Method("moniepoint", "Moniepoint", ("NGN",), True, 15 * MINUTES, "low", _NG_WALLET),
    Method("paga", "Paga", ("NGN",), True, 15 * MINUTES, "medium", (_HOLDER, _phone("phone_ng"))),
    Method("chipper_cash", "Chipper Cash", ("NGN", "USD"), True, 15 * MINUTES, "high", (_HOLDER, _TAG)),
    # Anywhere
    Method("cash", "Cash in person", (), True, 4 * HOURS, "low", _CASH),
)  # fmt: skip


def store(model: Any) -> None:  # noqa: ANN401 the model as a migration has it
    """Write the methods over what is stored of them; doing it again changes nothing."""
    for method in METHODS:
        model.objects.update_or_create(code=method.code, defaults=method.as_row())
