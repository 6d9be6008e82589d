"""What PostgreSQL refuses, whoever asks: orders and markets that cannot be."""

# ruff: noqa: S608 (the statements are these tests' own)

from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import User
from orders.models import Market, Order
from tests.factories.orders import place

pytestmark = pytest.mark.django_db


def refusal_of(statement: str, **values: Any) -> str | None:
    """The constraint that refused the statement."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name


@pytest.fixture
def sale(seller: User) -> Order:
    return place(seller, "sell", 1, 100)[0]


@pytest.fixture
def purchase(buyer: User) -> Order:
    return place(buyer, "buy", "0.5", 100)[0]


COVERED = "orders_order_sale_is_covered"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("side = 'swap'", "orders_order_side_known"),
        ("price = 0", "orders_order_price_positive"),
        ("price = -1", "orders_order_price_positive"),
        ("amount = 0", "orders_order_amount_positive"),
        ("filled = amount + 0.000001", "orders_order_never_overfilled"),
        ("filled = -0.000001", "orders_order_never_overfilled"),
        ("min_fill = -1", "orders_order_min_fill_not_negative"),
        ("filled = amount", "orders_order_filled_means_filled"),
        ("status = 'filled'", "orders_order_filled_means_filled"),
        ("reserved = 99.999999", COVERED),
        ("reserved = 0", COVERED),
        ("status = 'cancelled'", COVERED),
        ("status = 'gone'", COVERED),
        ("side = 'buy'", COVERED),
        ("time_in_force = 'GTD'", "orders_order_gtd_has_date"),
        ("expires_at = now()", "orders_order_gtd_has_date"),
    ],
)
def test_a_sale_that_cannot_be_is_refused(change: str, rule: str, sale: Order) -> None:
    before = Order.objects.filter(pk=sale.pk).values().get()
    # CHECKs are tried by name: where a change breaks two, either may be the one that says so.
    refused_by = refusal_of(f"UPDATE orders_order SET {change} WHERE id = %(id)s", id=sale.id)
    assert refused_by == rule or (rule, refused_by) in ALSO
    assert Order.objects.filter(pk=sale.pk).values().get() == before


ALSO = {
    ("orders_order_amount_positive", "orders_order_filled_means_filled"),
    ("orders_order_never_overfilled", "orders_order_filled_means_filled"),
    ("orders_order_side_known", COVERED),
}


def test_a_purchase_holds_nothing(purchase: Order) -> None:
    assert refusal_of("UPDATE orders_order SET reserved = 1 WHERE id = %(id)s", id=purchase.id) == COVERED


def test_what_remains_is_computed(sale: Order) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET remaining = 1 WHERE id = %s", [sale.id])


def test_a_client_order_id_is_its_owners_once(seller: User) -> None:
    place(seller, "sell", 1, 10, client_order_id="a")
    other, _ = place(seller, "sell", 1, 10, client_order_id="b")
    clash = "UPDATE orders_order SET client_order_id = 'a' WHERE id = %(id)s"
    assert refusal_of(clash, id=other.id) == "orders_order_client_id_once"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("tick_size = 0", "orders_market_steps_positive"),
        ("lot_size = -1", "orders_market_steps_positive"),
        ("min_amount = 0", "orders_market_amounts_ordered"),
        ("min_amount = max_amount + 1", "orders_market_amounts_ordered"),
        ("maker_fee = -0.00001", "orders_market_fees_are_fractions"),
        ("taker_fee = 1", "orders_market_fees_are_fractions"),
        ("payment_window = 0", "orders_market_window_positive"),
        ("quote = 'USD'", "orders_market_symbol_names_quote"),
    ],
)
def test_a_market_that_cannot_be_is_refused(change: str, rule: str, market: Market) -> None:
    assert refusal_of(f"UPDATE orders_market SET {change}") == rule


def test_a_users_day_has_one_turnover(sale: Order) -> None:
    row = "INSERT INTO orders_turnover (user_id, day, amount) VALUES (%(user)s, '2026-01-01', 1)"
    with connection.cursor() as cursor:
        cursor.execute(row, {"user": sale.owner_id})
    assert refusal_of(row, user=sale.owner_id) == "orders_turnover_one_row_a_day"
