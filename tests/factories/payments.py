"""Payment accounts, and details that are good for each method of the catalogue."""

from accounts.models import PaymentAccount, User
from accounts.services import add_payment_account

IBAN = "DE89370400440532013000"
NAME = "Maria Sandoval"

_IBAN = {"holder": NAME, "iban": IBAN}
_UK = {"holder": NAME, "sort_code": "20-00-00", "account_number": "55779911"}
_US = {"holder": NAME, "bank": "First Bank", "routing_number": "021000021", "account_number": "123456789"}
_VN = {"holder": NAME, "bank": "Vietcombank", "account_number": "0071000123456"}
_VN_PHONE = {"holder": NAME, "phone": "+84912345678"}
_NG = {"holder": NAME, "account_number": "0123456789"}
_EMAIL = {"holder": NAME, "email": "maria@mail.example"}
_TAG = {"holder": NAME, "tag": "@mariasandoval"}
_PICK_UP = {"holder": NAME, "city": "Lisbon", "country": "Portugal"}

GOOD: dict[str, dict[str, str]] = {
    "sepa": {**_IBAN, "bic": "COBADEFFXXX"},
    "sepa_instant": _IBAN,
    "n26": _IBAN,
    "bunq": {"holder": NAME, "iban": "NL91ABNA0417164300"},
    "bizum": {"holder": NAME, "phone": "+34612345678"},
    "mb_way": {"holder": NAME, "phone": "+351912345678"},
    "satispay": {"holder": NAME, "phone": "+393123456789"},
    "wero": {"holder": NAME, "alias": "maria@mail.example"},
    "paysera": {"holder": NAME, "iban": "LT121000011101001000"},
    "revolut": _TAG,
    "wise": _EMAIL,
    "paypal": _EMAIL,
    "skrill": _EMAIL,
    "neteller": {"holder": NAME, "account_number": "451234567890"},
    "swift": {"holder": NAME, "bank": "Commerzbank", "bic": "COBADEFF", "account_number": IBAN},
    "western_union": _PICK_UP,
    "moneygram": _PICK_UP,
    "faster_payments": _UK,
    "chaps": _UK,
    "monzo": _UK,
    "starling": _UK,
    "zelle": {"holder": NAME, "alias": "+12125550123"},
    "cash_app": {"holder": NAME, "cashtag": "$maria"},
    "venmo": _TAG,
    "chime": {"holder": NAME, "tag": "$maria"},
    "ach": _US,
    "wire": _US,
    "m_pesa": {"holder": NAME, "phone": "+243812345678"},
    "vietqr": _VN,
    "bank_transfer_vn": _VN,
    "momo": _VN_PHONE,
    "zalopay": _VN_PHONE,
    "viettel_money": _VN_PHONE,
    "shopeepay": _VN_PHONE,
    "bank_transfer_ng": {**_NG, "bank": "GTBank"},
    "opay": _NG,
    "palmpay": _NG,
    "kuda": _NG,
    "moniepoint": _NG,
    "paga": {"holder": NAME, "phone": "+2348031234567"},
    "chipper_cash": _TAG,
    "cash": {"place": "The café at the station", "hours": "Weekdays from 17:00"},
}


def add_account(user: User, method: str = "sepa", **options: str | bool) -> PaymentAccount:
    """An account with good details; options named after a field replace its value."""
    details = GOOD[method] | {name: str(value) for name, value in options.items() if name in GOOD[method]}
    rest = {name: value for name, value in options.items() if name not in details}
    return add_payment_account(user_id=user.pk, method=method, details=details, **rest)  # type: ignore[arg-type]
