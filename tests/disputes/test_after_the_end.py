"""Until 72 hours after its end a trade can be disputed: the escrow is gone, so the outcome is a finding."""

from decimal import Decimal

import pytest

from accounts import approvals
from accounts.models import Approval, User
from disputes.models import Dispute
from disputes.reasons import REASONS
from disputes.services import open_dispute
from iqx.core.errors import NotAllowed
from tests.disputes.conftest import Post, client_of, dispute_about
from tests.disputes.snapshots import everything
from tests.factories.orders import MovedClock, act, bring_to, fresh, trade_between
from tests.factories.wallets import balance_of
from trades.escrow import Action, Actor
from trades.models import Trade
from wallets.audit import audit
from wallets.models import Adjustment
from wallets.services import approve_adjustment

pytestmark = pytest.mark.django_db

ADMIN = "/api/admin/disputes"
CLAIM = {"reason": "payment_reversed", "statement": "My bank took it back."}


@pytest.fixture
def released(seller: User, buyer: User) -> Trade:
    return trade_between(seller, buyer, status="released")


@pytest.fixture
def late(released: Trade) -> Dispute:
    return open_dispute(trade_id=released.id, actor_id=released.seller_id, **CLAIM)


def test_a_seller_whose_money_was_taken_back_says_so(released: Trade, seller: User, buyer: User, post: Post) -> None:
    answer = post(seller, f"trades/{released.id}/dispute", **CLAIM)
    told = answer.json()
    assert (answer.status_code, told["after_end"], told["status"]) == (201, True, "open")
    assert told["deadline"] is not None
    assert (told["answers_due"]["seller"], told["answers_due"]["buyer"] is None) == (None, False)
    assert fresh(released).status == "released"
    assert client_of(buyer).get(f"/api/v1/disputes/{told['id']}").json() == told


def test_the_outcome_is_a_finding(late: Dispute, admin_user: User, post: Post) -> None:
    answer = post(admin_user, f"{ADMIN}/{late.id}/resolve", finding="neither", reason="The bank was wrong")
    ruled = answer.json()
    assert (ruled["status"], ruled["resolution"], ruled["finding"]) == ("resolved", None, "neither")
    assert fresh(late.trade).status == "released"
    assert balance_of(late.trade.buyer)[0] == 100
    assert audit() == []


def test_a_compensation_is_an_adjustment_by_two_persons(
    late: Dispute, admin_user: User, second_admin: User, seller: User, post: Post, moved_clock: MovedClock
) -> None:
    body = {"finding": "seller", "compensation": "25", "reason": "He was robbed"}
    assert post(admin_user, f"{ADMIN}/{late.id}/resolve", **body).status_code == 200
    adjustment = Adjustment.objects.get()
    assert (adjustment.user, adjustment.amount, adjustment.requested_by) == (seller, 25, admin_user)
    assert balance_of(seller) == (Decimal(9900), Decimal(0))
    asked = Approval.objects.get()
    with pytest.raises(NotAllowed):
        approvals.take_back(approval_id=asked.id, actor=admin_user)
    moved_clock.pass_by(365 * 86_400)  # what was ruled does not lapse
    assert approvals.expire_approvals() == 0
    approve_adjustment(adjustment_id=adjustment.id, actor=second_admin)
    assert balance_of(seller) == (Decimal(9925), Decimal(0))
    assert audit() == []


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "x"},
        {"resolution": "refund", "reason": "x"},
        {"finding": "seller", "resolution": "release", "reason": "x"},
        {"finding": "neither", "compensation": "1", "reason": "x"},
        {"finding": "seller", "compensation": "-5", "reason": "x"},
        {"finding": "both", "reason": "x"},
    ],
)
def test_a_finding_that_makes_no_sense_changes_nothing(
    late: Dispute, admin_user: User, post: Post, body: dict[str, str]
) -> None:
    before = everything()
    assert post(admin_user, f"{ADMIN}/{late.id}/resolve", **body).json()["code"] == "validation_error"
    assert everything() == before


@pytest.mark.parametrize("body", [{"finding": "seller"}, {"compensation": "5", "resolution": "refund"}])
def test_an_escrow_is_ruled_about_not_found_about(
    dispute: Dispute, admin_user: User, post: Post, body: dict[str, str]
) -> None:
    before = everything()
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/resolve", reason="x", **body)
    assert answer.json()["code"] == "validation_error"
    assert everything() == before


def test_it_can_be_withdrawn_and_the_trade_stays_ended(late: Dispute, seller: User, post: Post) -> None:
    assert post(seller, f"disputes/{late.id}/withdraw").json()["status"] == "withdrawn"
    assert fresh(late.trade).status == "released"


def test_72_hours_and_no_longer(released: Trade, seller: User, post: Post, moved_clock: MovedClock) -> None:
    moved_clock.time = fresh(released).closed_at or moved_clock.time
    moved_clock.pass_by(72 * 3600 + 1)
    before = everything()
    answer = post(seller, f"trades/{released.id}/dispute", **CLAIM)
    assert (answer.status_code, answer.json()["code"]) == (409, "dispute_too_late")
    assert everything() == before
    moved_clock.pass_by(-1)
    assert post(seller, f"trades/{released.id}/dispute", **CLAIM).status_code == 201


def test_one_at_a_time_and_none_after_a_ruling(late: Dispute, buyer: User, admin_user: User, post: Post) -> None:
    claim = {"reason": "paid_twice", "statement": "I paid twice."}
    before = everything()
    assert post(buyer, f"trades/{late.trade_id}/dispute", **claim).json()["code"] == "trade_disputed_before"
    assert everything() == before
    post(admin_user, f"{ADMIN}/{late.id}/resolve", finding="buyer", reason="x")
    assert post(buyer, f"trades/{late.trade_id}/dispute", **claim).json()["code"] == "trade_disputed_before"


def test_a_released_trade_that_staff_ruled_about_is_not_disputed_again(
    dispute: Dispute, seller: User, admin_user: User, post: Post
) -> None:
    post(admin_user, f"{ADMIN}/{dispute.id}/resolve", resolution="release", reason="x")
    assert post(seller, f"trades/{dispute.trade_id}/dispute", **CLAIM).json()["code"] == "trade_disputed_before"


def test_who_paid_too_late_for_the_clock_may_say_so(seller: User, buyer: User, post: Post) -> None:
    """But not who called the trade off himself before he paid."""
    trade = trade_between(seller, buyer, status="expired")
    act(trade.id, Action.END_GRACE, Actor.SYSTEM)
    claim = {"reason": "paid_but_cancelled", "statement": "It was on its way."}
    assert post(buyer, f"trades/{trade.id}/dispute", **claim).status_code == 201
    called_off = bring_to(trade_between(seller, buyer), "cancelled")
    assert post(buyer, f"trades/{called_off.id}/dispute", **claim).json()["code"] == "trade_wrong_status"


@pytest.mark.parametrize("status", ["paid", "released"])
@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_a_reason_has_to_fit_the_state_and_the_opener(
    seller: User, buyer: User, post: Post, status: str, side: str
) -> None:
    trade = trade_between(seller, buyer, status=status)
    opener = buyer if side == "buyer" else seller
    permitted = client_of(opener).get(f"/api/v1/trades/{trade.id}/dispute-reasons").json()["reasons"]
    assert permitted == list(REASONS[status, side])
    before = everything()
    for reason in set(Dispute.Reason.values) - set(permitted):
        answer = post(opener, f"trades/{trade.id}/dispute", reason=reason, statement="x")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "reason"), reason
    assert everything() == before


def test_a_trade_that_is_not_paid_has_no_reasons(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    assert client_of(buyer).get(f"/api/v1/trades/{trade.id}/dispute-reasons").json() == {"reasons": []}


def test_a_dispute_about_an_escrow_is_none_after_the_end(paid_trade: Trade) -> None:
    assert not dispute_about(paid_trade).after_end
