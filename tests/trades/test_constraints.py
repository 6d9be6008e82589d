"""What PostgreSQL refuses, whoever asks: bad trades, and any change to what was written once."""

# ruff: noqa: S608 (the statements are these tests' own)

from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from tests.factories.orders import trade_between
from trades.models import Step, Trade, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade(seller: User, buyer: User) -> Trade:
    return trade_between(seller, buyer)


@pytest.fixture
def released(seller: User, buyer: User) -> Trade:
    return trade_between(seller, buyer, status="released")


def refusal_of(statement: str, **values: Any) -> str | None:
    """The constraint that refused the statement."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name


LIVES = "trades_trade_lives_or_is_settled"
PAID = "trades_trade_settled_was_paid"
CLOSED = "deadline = NULL, closed_at = now()"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("seller_id = buyer_id", "trades_trade_parties_differ"),
        ("amount = 0", "trades_trade_amount_positive"),
        ("total = -1", "trades_trade_amount_positive"),
        ("buyer_fee = -0.000001", "trades_trade_fees_within_amount"),
        ("buyer_fee = amount + 0.000001", "trades_trade_fees_within_amount"),
        ("seller_fee = -0.000001", "trades_trade_fees_within_amount"),
        ("deadline = NULL", LIVES),
        ("closed_at = now()", LIVES),
        ("buyer_amount = 0", LIVES),
        ("status = 'gone'", LIVES),
        (f"status = 'released', paid_at = now(), {CLOSED}", LIVES),
        (f"status = 'released', paid_at = now(), buyer_amount = amount - 1, {CLOSED}", LIVES),
        ("status = 'released', paid_at = now(), buyer_amount = amount, closed_at = now()", LIVES),
        (f"status = 'cancelled', {CLOSED}", LIVES),
        (f"status = 'cancelled', buyer_amount = 1, {CLOSED}", LIVES),
        (f"status = 'refunded', paid_at = now(), buyer_amount = amount, {CLOSED}", LIVES),
        (f"status = 'split', paid_at = now(), buyer_amount = 0, {CLOSED}", LIVES),
        (f"status = 'split', paid_at = now(), buyer_amount = amount, {CLOSED}", LIVES),
        (f"status = 'released', buyer_amount = amount, {CLOSED}", PAID),
        (f"status = 'refunded', buyer_amount = 0, {CLOSED}", PAID),
        ("status = 'paid'", PAID),
    ],
)
def test_a_trade_that_cannot_be_is_refused(change: str, rule: str, trade: Trade) -> None:
    assert refusal_of(f"UPDATE trades_trade SET {change} WHERE id = %(id)s", id=trade.id) == rule
    assert Trade.objects.get(pk=trade.pk).status == "awaiting_payment"


def test_a_payment_reference_is_used_once(trade: Trade, released: Trade) -> None:
    clash = "UPDATE trades_trade SET reference = %(taken)s WHERE id = %(id)s"
    assert "reference" in str(refusal_of(clash, taken=released.reference, id=trade.id))


def test_a_trade_has_one_receipt(released: Trade) -> None:
    again = """
        INSERT INTO trades_transaction (id, trade_id, market_id, buyer_id, seller_id, amount, price, total,
                                        buyer_fee, seller_fee, settled_at)
        SELECT gen_random_uuid(), trade_id, market_id, buyer_id, seller_id, amount, price, total,
               buyer_fee, seller_fee, settled_at FROM trades_transaction WHERE trade_id = %(id)s
    """
    assert refusal_of(again, id=released.id) == "trades_transaction_trade_id_key"


@pytest.mark.parametrize("table", ["trades_step", "trades_transaction"])
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE {table} SET id = id",
        "UPDATE {table} SET trade_id = trade_id WHERE false",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "TRUNCATE trades_trade CASCADE",
    ],
)
def test_history_and_receipts_are_written_once(table: str, forgery: str, released: Trade) -> None:
    before = (list(Step.objects.order_by("id").values()), list(Transaction.objects.values()))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks yet to come can't be truncated
    assert str(refusal_of(forgery.format(table=table))).endswith("_append_only")
    assert (list(Step.objects.order_by("id").values()), list(Transaction.objects.values())) == before


@pytest.mark.parametrize("status", Trade.Status)
def test_every_status_can_be_stored(status: str, seller: User, buyer: User) -> None:
    """Control: the constraints refuse the statements above for what they say, and no sound trade."""
    assert trade_between(seller, buyer, status=status).status == status
