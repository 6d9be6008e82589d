"""Real threads, real commits; each race has a control that shows it happen with the row locks off."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from disputes.models import Dispute, Ruling
from disputes.services import (
    case,
    confirm_ruling,
    open_overdue_disputes,
    parties,
    resolve_dispute,
    rulings,
    withdraw_dispute,
)
from tests.disputes.conftest import dispute_about
from tests.factories.accounts import make_user
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

        for module in (case, parties, rulings):
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


def release(trade: Trade) -> Callable[[], Any]:
    return lambda: release_trade(trade_id=trade.id, actor_id=trade.seller_id)


def test_a_dispute_about_an_escrow_and_a_release_exclude_each_other(paid_trade: Trade) -> None:
    """Who comes too late disputes a trade that has ended."""
    ends = outcomes([lambda: dispute_about(paid_trade, paid_trade.seller), release(paid_trade)])
    late = ends == ["Dispute", "Trade"]
    assert late or ends in [["Dispute", "WrongTradeStatus"], ["Invalid", "Trade"]]
    assert fresh(paid_trade).status == ("released" if "Trade" in ends else "disputed")
    assert not Dispute.objects.filter(after_end=not late).exists()
    assert audit() == []


def test_a_release_and_a_ruling_at_once_pay_once(dispute: Dispute, admin_user: User) -> None:
    assert outcomes([release(dispute.trade), ruling(dispute, admin_user, "refund")]) == ["Dispute", "WrongTradeStatus"]
    assert_settled_once(dispute)


def test_a_proposal_is_confirmed_once(
    dispute: Dispute, admin_user: User, second_admin: User, settings: Settings
) -> None:
    third = make_user(role="admin")
    proposed = propose(dispute, admin_user, settings)
    assert outcomes([confirmation(proposed, second_admin), confirmation(proposed, third)]) == [
        "Dispute",
        "DisputeClosed",
    ]
    assert_settled_once(dispute)


def test_a_confirmation_and_another_proposal_at_once_leave_one_ruling(
    dispute: Dispute, admin_user: User, second_admin: User, settings: Settings
) -> None:
    """What is confirmed is what was read: if the other proposal came first, the confirmation is refused."""
    proposed = propose(dispute, admin_user, settings)
    ends = outcomes([confirmation(proposed, second_admin), ruling(dispute, admin_user, "release")])
    assert ends in [["Dispute", "DisputeClosed"], ["Dispute", "RulingChanged"]]
    made = Ruling.objects.filter(status="made").values_list("resolution", flat=True)
    assert list(made) == (["refund"] if "DisputeClosed" in ends else [])
    assert audit() == []


def test_control_without_locks_both_confirmations_pass_the_checks(
    dispute: Dispute,
    admin_user: User,
    second_admin: User,
    settings: Settings,
    without_locks: None,
    meet_before_acting: Meet,
) -> None:
    """Neither is refused; only the database stops the second."""
    third = make_user(role="admin")
    place(dispute.trade.seller, "sell", 2, 500)
    proposed = propose(dispute, admin_user, settings)
    meet_before_acting()
    ends = outcomes([confirmation(proposed, second_admin), confirmation(proposed, third)])
    assert ends == ["Dispute", "IntegrityError"]
    assert_settled_once(dispute)


def propose(dispute: Dispute, admin: User, settings: Settings) -> Ruling:
    settings.DISPUTE_SECOND_PERSON_ABOVE = Decimal(50)
    resolve_dispute(dispute_id=dispute.id, actor=admin, resolution="refund", reason="No payment came")
    return Ruling.objects.get(dispute=dispute)


def confirmation(proposed: Ruling, admin: User) -> Callable[[], Any]:
    return lambda: confirm_ruling(dispute_id=proposed.dispute_id, actor=admin, ruling_id=proposed.id)


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
