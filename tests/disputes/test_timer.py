import pytest

from accounts.models import User
from disputes.models import Dispute, DisputeEntry
from disputes.services import open_overdue_disputes
from tests.disputes.conftest import Post
from tests.disputes.snapshots import everything
from tests.factories.orders import MovedClock, fresh
from trades.clocks import advance_due_trades
from trades.models import Trade

pytestmark = pytest.mark.django_db

DAYS = 3 * 86_400


@pytest.fixture
def overdue(moved_clock: MovedClock, paid_trade: Trade) -> Trade:
    """Its seller was reminded, and his second time is up too."""
    moved_clock.pass_by(DAYS)
    assert advance_due_trades() == 1
    assert fresh(paid_trade).reminded
    moved_clock.pass_by(DAYS)
    return paid_trade


def test_a_seller_who_never_answers_gets_a_dispute(overdue: Trade, buyer: User) -> None:
    assert advance_due_trades() == 0
    assert open_overdue_disputes() == 1
    dispute = Dispute.objects.get()
    assert (dispute.trade_id, dispute.opened_by, dispute.reason) == (overdue.id, "system", "not_released")
    assert [(e.action, e.actor, e.author, e.note) for e in DisputeEntry.objects.all()] == [
        ("opened", "system", None, "")
    ]
    assert fresh(overdue).status == "disputed"
    assert open_overdue_disputes() == 0


def test_nobody_is_disputed_before_his_time_is_up(moved_clock: MovedClock, paid_trade: Trade) -> None:
    moved_clock.pass_by(DAYS)
    before = everything()
    assert open_overdue_disputes() == 0  # he was not even reminded
    assert everything() == before
    advance_due_trades()
    before = everything()
    assert open_overdue_disputes() == 0  # he was, just now
    assert everything() == before


def test_nobody_withdraws_what_the_timer_opened(overdue: Trade, buyer: User, seller: User, post: Post) -> None:
    open_overdue_disputes()
    dispute = Dispute.objects.get()
    before = everything()
    for party in (buyer, seller):
        answer = post(party, f"disputes/{dispute.id}/withdraw")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_dispute")
    assert everything() == before


def test_a_dispute_that_staff_forget_is_escalated(
    dispute: Dispute, moved_clock: MovedClock, buyer: User, post: Post
) -> None:
    moved_clock.pass_by(DAYS)
    assert advance_due_trades() == 1
    trade = fresh(dispute.trade)
    assert trade.status == "disputed"
    assert trade.deadline
    assert trade.deadline > moved_clock.time
    shown = post(buyer, f"disputes/{dispute.id}/evidence", statement="Still waiting").json()["deadline"]
    assert shown == trade.deadline.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
