"""What staff save in the admin reaches the markets, for real: with commits."""

import pytest
from django.test import Client

from accounts.models import PaymentMethod
from iqx.core.models import AuditRecord
from orders.models import Market, Reference
from orders.payment_rules import payment_window
from tests.factories.accounts import make_user
from tests.factories.orders import SYMBOL, make_market

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user(role="admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_changed_market_is_saved(staff: Client) -> None:
    market = make_market()
    rules = {
        name: str(getattr(market, name))
        for name in ("tick_size", "lot_size", "min_amount", "max_amount", "maker_fee", "taker_fee", "status")
    }
    methods = ",".join(market.payment_methods)
    form = rules | {"payment_methods": methods, "payment_window": "60", "max_amount": "77"}
    answer = staff.post(f"/admin/orders/market/{SYMBOL}/change/", form)
    assert answer.status_code == 302, answer.content.decode()
    market = Market.objects.get()
    assert (market.payment_window, market.max_amount) == (60, 77)


def test_a_changed_payment_method_is_known_to_the_markets(staff: Client) -> None:
    make_market()
    form = {"code": "sepa", "name": "SEPA", "currencies": "EUR", "window": "99", "risk": "high", "fields": "[]"}
    answer = staff.post("/admin/accounts/paymentmethod/sepa/change/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert PaymentMethod.objects.get(pk="sepa").window == 99
    assert payment_window(Market.objects.get(), "sepa") == 99


def test_an_admin_sets_a_reference_and_changes_it(staff: Client) -> None:
    make_market()
    assert staff.post("/admin/orders/reference/add/", {"market": SYMBOL, "price": "0.92"}).status_code == 302
    assert staff.post(f"/admin/orders/reference/{SYMBOL}/change/", {"price": "0.93"}).status_code == 302
    reference = Reference.objects.get()
    assert (str(reference.price), reference.source) == ("0.93000000", "staff")
    assert AuditRecord.objects.filter(action="reference_set").count() == 2
