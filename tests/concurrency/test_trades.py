"""Races for one trade: however many act at once, one wins, and the money moves once."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from disputes.services import open_dispute
from orders.services import cancel_order
from tests.concurrency.races import Call, meet_after, meet_before_writing_orders, outcomes
from tests.factories.orders import SYMBOL, MovedClock, fresh, make_trader, place, trade_between
from tests.factories.racing import at_once
from tests.factories.wallets import balance_of
from trades import escrow
from trades.clocks import advance_due_trades
from trades.matching_run import match_market
from trades.models import Step, Trade, Transaction
from trades.services import accept_cancel, cancel_trade, mark_paid, reject_cancel, release_trade, request_cancel
from wallets.audit import audit
from wallets.models import Transfer

pytestmark = pytest.mark.django_db(transaction=True)

# By its unique keys, or since nothing is locked any more, as the threads fall.
STOPPED_BY_THE_LEDGER = (["IntegrityError", "Trade"], ["LedgerMisused", "Trade"])


def by_buyer(use_case: Any, trade: Trade) -> Call:
    return partial(use_case, trade_id=trade.id, actor_id=trade.buyer_id)


def by_seller(use_case: Any, trade: Trade) -> Call:
    return partial(use_case, trade_id=trade.id, actor_id=trade.seller_id)


def dispute(trade: Trade) -> Call:
    return partial(
        open_dispute, trade_id=trade.id, actor_id=trade.buyer_id, reason="not_released", statement="I have paid"
    )


def settlements(trade: Trade) -> list[str]:
    return list(Transfer.objects.filter(ref_kind="trade", ref_id=trade.id).values_list("kind", flat=True))


def test_a_trade_is_released_once(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    assert outcomes([by_seller(release_trade, trade)] * 6) == ["Trade"] + ["WrongTradeStatus"] * 5
    assert (balance_of(buyer), balance_of(seller)) == ((Decimal(100), Decimal(0)), (Decimal(9900), Decimal(0)))
    assert Transaction.objects.filter(trade=trade).count() == 1
    assert audit() == []


def test_control_without_locks_both_releases_pass_the_check(
    seller: User, buyer: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the ledger itself stops the second."""
    trade = trade_between(seller, buyer, status="paid")
    meet_after(monkeypatch, escrow, "transition_for")
    assert outcomes([by_seller(release_trade, trade)] * 2) in STOPPED_BY_THE_LEDGER
    assert balance_of(buyer) == (Decimal(100), Decimal(0))
    assert audit() == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_paid_trade_is_released_or_cancelled_or_disputed(attempt: int, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    results = outcomes([by_seller(release_trade, trade), by_buyer(cancel_trade, trade), dispute(trade)])
    # Of a trade that has ended, a dispute may still be opened, but not because it is not released.
    assert results.count("WrongTradeStatus") + results.count("Invalid") == 2
    status = fresh(trade).status
    assert settlements(trade) == {"released": ["trade_release"], "cancelled": ["trade_refund"], "disputed": []}[status]
    assert balance_of(buyer)[0] == (100 if status == "released" else 0)
    assert audit() == []


def test_control_without_locks_a_trade_is_released_and_cancelled(
    seller: User, buyer: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pass the checks; only the ledger itself stops one."""
    trade = trade_between(seller, buyer, status="paid")
    meet_after(monkeypatch, escrow, "transition_for")
    results = outcomes([by_seller(release_trade, trade), by_buyer(cancel_trade, trade)])
    assert results in STOPPED_BY_THE_LEDGER
    assert audit() == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_late_payment_and_the_end_of_grace_have_one_winner(
    attempt: int, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    trade = trade_between(seller, buyer, status="expired")
    moved_clock.pass_by(3600)
    results = outcomes([by_buyer(mark_paid, trade), advance_due_trades, advance_due_trades])
    status = fresh(trade).status
    assert status == ("paid" if "Trade" in results else "cancelled")
    assert settlements(trade) == ([] if status == "paid" else ["trade_refund"])
    assert audit() == []


def test_control_without_locks_a_late_payment_is_lost(
    seller: User, buyer: User, moved_clock: MovedClock, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pass the checks: the buyer is told that his payment is noted, and the seller gets the escrow back."""
    trade = trade_between(seller, buyer, status="expired")
    moved_clock.pass_by(3600)
    meet_after(monkeypatch, escrow, "transition_for")
    at_once([by_buyer(mark_paid, trade), advance_due_trades])
    assert set(trade.steps.values_list("action", flat=True)) >= {"mark_paid", "end_grace"}
    assert settlements(trade) == ["trade_refund"]


@pytest.mark.parametrize("attempt", range(3))
def test_a_deadline_and_those_who_act_at_it_leave_one_story(
    attempt: int, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    """Every step continues from the one before; whoever came too late was refused."""
    trade = trade_between(seller, buyer)
    moved_clock.pass_by(1801)
    calls = [by_buyer(mark_paid, trade), by_buyer(cancel_trade, trade), advance_due_trades, advance_due_trades]
    results = outcomes([*calls, by_seller(request_cancel, trade)])
    assert set(results) <= {"Trade", "WrongTradeStatus", "int"}
    trade = fresh(trade)
    assert trade.version == trade.steps.count()
    assert settlements(trade) == (["trade_refund"] if trade.status == "cancelled" else [])
    assert audit() == []


def test_several_workers_take_each_deadline_once(seller: User, moved_clock: MovedClock) -> None:
    trades = [trade_between(seller, make_trader(0), 10) for _ in range(6)]
    moved_clock.pass_by(1801)
    results = at_once([advance_due_trades] * 4)
    assert sum(results) == 6
    assert Step.objects.filter(action="expire").count() == 6
    assert {fresh(trade).status for trade in trades} == {"expired"}


@pytest.mark.parametrize("attempt", range(3))
def test_a_wish_to_cancel_is_answered_once(attempt: int, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    results = outcomes([by_buyer(accept_cancel, trade), by_buyer(reject_cancel, trade)])
    assert results in (["NoCancelRequest", "Trade"], ["Trade", "WrongTradeStatus"])
    assert audit() == []


@pytest.mark.parametrize("attempt", range(3))
def test_an_amount_that_returns_meets_whoever_cancels_its_order(attempt: int, seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    (trade,) = place(buyer, "buy", 1, 40)[1]
    at_once(
        [
            by_buyer(cancel_trade, trade),
            partial(cancel_order, order_id=order.id, owner_id=seller.id),
            partial(match_market, SYMBOL),
        ]
    )
    assert fresh(trade).status == "cancelled"
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert audit() == []


def test_control_without_locks_a_returned_amount_comes_back_twice(
    seller: User, buyer: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once into the order that is being cancelled, and the cancellation doesn't know of it: it is locked for good."""
    order, _ = place(seller, "sell", 1, 100)
    (trade,) = place(buyer, "buy", 1, 40)[1]
    meet_before_writing_orders(monkeypatch)
    at_once([by_buyer(cancel_trade, trade), partial(cancel_order, order_id=order.id, owner_id=seller.id)])
    assert [finding.check for finding in audit()] == ["locked_funds"]
