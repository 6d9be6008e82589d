"""What was bought is held for a while, net of what was sold: it can be traded, not withdrawn."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import PaymentMethod, Rule, User
from accounts.trust.rules import NET_PURCHASES
from iqx.core import clock
from tests.concurrency.races import meet_after
from tests.factories.accounts import auth_client
from tests.factories.locks import without_locks
from tests.factories.orders import MovedClock, bring_to, place, trade_between
from tests.factories.racing import at_once
from tests.factories.wallets import ADDRESS, balance_of, fund, withdraw
from trades.purchases import Purchase, net_purchases
from wallets.services import withdrawals

__all__ = ["without_locks"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(db: None) -> None:
    hours = {"low": 0, "medium": 24, "high": 72}
    Rule.objects.create(code=NET_PURCHASES.code, parameters={"hours": hours})


def ask(user: User, amount: str) -> Any:
    body = {"amount": amount, "address": ADDRESS}
    key = {"Idempotency-Key": str(uuid4())}
    return auth_client(user).post("/api/v1/wallet/withdrawals", body, format="json", headers=key)


def wallet(user: User) -> dict[str, Any]:
    shown: dict[str, Any] = auth_client(user).get("/api/v1/wallet").json()
    return shown


def test_only_what_is_not_held_leaves_and_the_refusal_says_why(
    seller: User, buyer: User, held: None, moved_clock: MovedClock
) -> None:
    fund(buyer, 50)
    trade_between(seller, buyer, 100, status="released")
    shown = wallet(buyer)
    assert (shown["available"], shown["withdrawable"]) == ("150.000000", "50.000000")
    (hold,) = shown["holds"]
    assert (hold["amount"], hold["until"]) == ("100.000000", clock.rfc3339(moved_clock.time + timedelta(hours=72)))
    assert "100.000000 USDT were bought by high-risk payments" in hold["because"]

    refusal = ask(buyer, "50")  # the fee is 1
    assert (refusal.status_code, refusal.json()["code"]) == (422, "withdrawal_held")
    told = {name: refusal.json()[name] for name in ("held", "withdrawable", "until", "detail")}
    assert told == {
        "held": "100.000000", "withdrawable": "50.000000", "until": hold["until"], "detail": hold["because"],
    }  # fmt: skip
    assert balance_of(buyer) == (150, 0)
    assert ask(buyer, "49").status_code == 201
    assert ask(buyer, "200").json()["code"] == "insufficient_funds"

    moved_clock.pass_by(72 * 3600 + 1)
    assert wallet(buyer)["holds"] == []
    assert ask(buyer, "99").status_code == 201


def test_what_was_sold_again_is_not_held(seller: User, buyer: User, held: None) -> None:
    trade_between(seller, buyer, 100, status="released")
    fund(buyer, 70)
    trade_between(buyer, seller, 70, status="released")
    shown = wallet(buyer)
    assert (shown["available"], shown["holds"][0]["amount"]) == ("100.000000", "30.000000")


def test_sales_are_taken_from_the_oldest_purchases() -> None:
    now = clock.now()
    old, new = Purchase(Decimal(10), "low", now), Purchase(Decimal(10), "high", now)
    assert net_purchases([old, new], Decimal(0)) == [old, new]
    assert net_purchases([old, new], Decimal(15)) == [Purchase(Decimal(5), "high", now)]
    assert net_purchases([old, new], Decimal(30)) == []


def test_the_sandbox_holds_nothing_by_itself(seller: User, buyer: User) -> None:
    trade_between(seller, buyer, 100, status="released")
    assert ask(buyer, "99").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_withdrawals_at_once_take_no_more_than_what_is_free(seller: User, buyer: User, held: None) -> None:
    fund(buyer, 61)
    trade_between(seller, buyer, 100, status="released")
    outcomes = at_once([lambda: withdraw(buyer, 60)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Withdrawal", "WithdrawalHeld"]
    assert balance_of(buyer) == (100, 61)


@pytest.mark.django_db(transaction=True)
def test_control_without_locks_both_are_within(
    seller: User, buyer: User, held: None, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is refused by the hold; only the ledger's chain of entries stops the second."""
    fund(buyer, 61)
    trade_between(seller, buyer, 100, status="released")
    meet_after(monkeypatch, withdrawals, "require_not_held")
    outcomes = at_once([lambda: withdraw(buyer, 60)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "Withdrawal"]


@pytest.mark.parametrize(("risk", "withdrawable"), [("low", "100.000000"), ("medium", "0.000000")])
def test_the_risk_of_the_payment_method_decides_for_how_long(
    seller: User, buyer: User, held: None, moved_clock: MovedClock, risk: str, withdrawable: str
) -> None:
    PaymentMethod.objects.update_or_create(code="sepa", defaults={"name": "SEPA", "currencies": ["EUR"], "risk": risk})
    place(seller, "sell", 1, 100, payment_methods=["sepa"])
    (trade,) = place(buyer, "buy", 1, 100, payment_methods=["sepa"])[1]
    bring_to(trade, "released")
    assert wallet(buyer)["withdrawable"] == withdrawable
    moved_clock.pass_by(24 * 3600 + 1)
    assert wallet(buyer)["withdrawable"] == "100.000000"
