"""Real threads, real commits; each race has a control that shows it happen with the row locks off."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from disputes.models import Dispute
from disputes.services import case, open_overdue_disputes, parties, resolve_dispute, staff, withdraw_dispute
from tests.disputes.conftest import dispute_about
from tests.factories.orders import MovedClock, fresh, place
from tests.factories.racing import at_once
from tests.factories.wallets import balance_of
from trades.clocks import advance_due_trades
from trades.escrow import advance
from trades.models import Trade, Transaction
from trades.services import release_trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db(transaction=True)

Meet = Callable[[], None]


def outcomes(calls: Sequence[Callable[[], Any]]) -> list[str]:
    return sorted(type(result).__name__ for result in at_once(calls))


@pytest.fixture
def meet_before_acting(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """From its call on, two callers wait for each other when all their checks have passed, before either acts."""

    def arrange() -> None:
        barrier = threading.Barrier(2)

        def meet_and_advance(*args: Any, **kwargs: Any) -> Any:
            barrier.wait(timeout=10)
            return advance(*args, **kwargs)

        for module in (case, parties, staff):
            monkeypatch.setattr(module, "advance", meet_and_advance)

    return arrange


def ruling(dispute: Dispute, admin: User, resolution: str) -> Callable[[], Any]:
    return lambda: resolve_dispute(dispute_id=dispute.id, actor=admin, resolution=resolution, reason="So be it")


def withdrawal(dispute: Dispute) -> Callable[[], Any]:
    return lambda: withdraw_dispute(dispute_id=dispute.id, actor_id=dispute.trade.buyer_id)


def assert_settled_once(dispute: Dispute) -> None:
    dispute.refresh_from_db()
    ends = {("resolved", "release"): "released", ("resolved", "refund"): "refunded", ("withdrawn", None): "paid"}
    assert fresh(dispute.trade).status == ends[dispute.status, dispute.resolution]
    assert Transaction.objects.count() == (dispute.resolution == "release")
    total = sum((sum(balance_of(party)) for party in (dispute.trade.seller, dispute.trade.buyer)), Decimal(0))
    assert total == 10_000
    assert audit() == []


def test_of_two_rulings_at_once_one_stands(dispute: Dispute, admin_user: User, second_admin: User) -> None:
    calls = [ruling(dispute, admin_user, "release"), ruling(dispute, second_admin, "refund")]
    assert outcomes(calls) == ["Dispute", "DisputeClosed"]
    assert_settled_once(dispute)


def test_control_without_locks_both_rulings_pass_the_checks(
    dispute: Dispute, admin_user: User, second_admin: User, without_locks: None, meet_before_acting: Meet
) -> None:
    """Neither is refused, and the seller has more locked than this trade; only the database stops the second."""
    place(dispute.trade.seller, "sell", 2, 500)
    meet_before_acting()
    calls = [ruling(dispute, admin_user, "release"), ruling(dispute, second_admin, "refund")]
    assert outcomes(calls) == ["Dispute", "IntegrityError"]
    assert_settled_once(dispute)


def test_a_dispute_is_either_withdrawn_or_ruled_on(dispute: Dispute, admin_user: User) -> None:
    assert outcomes([withdrawal(dispute), ruling(dispute, admin_user, "refund")]) == ["Dispute", "DisputeClosed"]
    assert_settled_once(dispute)


def test_control_without_locks_withdrawal_and_ruling_pass_the_checks(
    dispute: Dispute, admin_user: User, without_locks: None, meet_before_acting: Meet
) -> None:
    """Neither is refused; only the database stops the second."""
    meet_before_acting()
    assert outcomes([withdrawal(dispute), ruling(dispute, admin_user, "refund")]) == ["Dispute", "IntegrityError"]
    assert_settled_once(dispute)


def test_a_trade_is_either_released_or_disputed(paid_trade: Trade, seller: User) -> None:
    calls = [
        lambda: dispute_about(paid_trade),
        lambda: release_trade(trade_id=paid_trade.id, actor_id=seller.id),
    ]
    assert outcomes(calls) in [["Dispute", "WrongTradeStatus"], ["Trade", "WrongTradeStatus"]]
    assert fresh(paid_trade).status == ("disputed" if Dispute.objects.exists() else "released")
    assert audit() == []


def test_both_parties_at_once_open_one_dispute(paid_trade: Trade, seller: User, buyer: User) -> None:
    calls = [lambda: dispute_about(paid_trade, seller), lambda: dispute_about(paid_trade, buyer)]
    assert outcomes(calls) == ["Dispute", "WrongTradeStatus"]
    assert Dispute.objects.count() == 1


def test_control_without_locks_both_parties_pass_the_checks(
    paid_trade: Trade, seller: User, buyer: User, without_locks: None, meet_before_acting: Meet
) -> None:
    """Neither is refused; only the unique key stops the second."""
    meet_before_acting()
    calls = [lambda: dispute_about(paid_trade, seller), lambda: dispute_about(paid_trade, buyer)]
    assert outcomes(calls) == ["Dispute", "IntegrityError"]
    assert Dispute.objects.count() == 1


def test_many_workers_open_each_overdue_dispute_once(moved_clock: MovedClock, paid_trade: Trade) -> None:
    for _ in range(2):
        moved_clock.pass_by(3 * 86_400)
        advance_due_trades()
    opened = at_once([open_overdue_disputes] * 4)
    assert sorted(opened) == [0, 0, 0, 1]
    assert Dispute.objects.count() == 1
