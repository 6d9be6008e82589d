"""What staff save in the admin reaches the markets, for real: with commits."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import PaymentMethod
from iqx.core.models import AuditRecord
from orders.models import Market
from orders.payment_rules import payment_window
from tests.factories.accounts import make_user
from tests.factories.orders import make_market

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user(role="admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_market_is_opened_for_a_reason(staff: Client) -> None:
    rules = {
        "symbol": "USDT-CHF", "quote": "CHF", "tick_size": "0.001", "lot_size": "0.01", "min_amount": "1",
        "max_amount": "1000", "maker_fee": "0", "taker_fee": "0.001", "status": "trading", "payment_methods": "sepa",
        "payment_window": "60",
    }  # fmt: skip
    assert staff.post("/admin/orders/market/add/", rules).status_code == 200
    assert not Market.objects.exists()
    answer = staff.post("/admin/orders/market/add/", rules | {"reason": "Many ask for it."})
    assert answer.status_code == 302, answer.content.decode()
    assert Market.objects.get().taker_fee == Decimal("0.001")
    assert AuditRecord.objects.get(action="market_opened").reason == "Many ask for it."


def test_a_changed_payment_method_is_known_to_the_markets(staff: Client) -> None:
    make_market()
    form = {
        "code": "sepa",
        "name": "SEPA",
        "currencies": "EUR",
        "window": "99",
        "risk": "high",
        "fields": "[]",
        "reason": "Too fast.",
    }
    answer = staff.post("/admin/accounts/paymentmethod/sepa/change/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert PaymentMethod.objects.get(pk="sepa").window == 99
    assert AuditRecord.objects.get(action="row_changed").reason == "Too fast."
    assert payment_window(Market.objects.get(), "sepa") == 99
