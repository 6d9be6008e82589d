"""What time brings to a dispute: warnings, pages and another assignee, and never a ruling."""

from datetime import timedelta

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from disputes.models import Dispute, DisputeEntry
from disputes.services import add_statement, assign_dispute, comment_on_dispute, resolve_dispute, tend_disputes
from disputes.tasks import page_staff
from tests.disputes.conftest import dispute_about
from tests.disputes.snapshots import everything
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock, fresh, trade_between
from trades.models import Trade

pytestmark = pytest.mark.django_db

HOUR = 3600


@pytest.fixture
def dispute(moved_clock: MovedClock, paid_trade: Trade) -> Dispute:
    return dispute_about(paid_trade)


def said(dispute: Dispute) -> list[tuple[str, str]]:
    return list(dispute.timeline.exclude(action="opened").values_list("action", "actor"))


def paged() -> list[str]:
    jobs = ProcrastinateJob.objects.filter(task_name="disputes.page_staff").order_by("id")
    return [job.args["about"] for job in jobs]


def test_nothing_is_due_at_first(dispute: Dispute, support: User) -> None:
    before = everything()
    assert tend_disputes() == 0
    assert everything() == before


def test_a_silent_party_is_told_what_silence_means_before_and_after(
    dispute: Dispute, support: User, moved_clock: MovedClock
) -> None:
    assign_dispute(dispute_id=dispute.id, actor=support)
    moved_clock.pass_by(6 * HOUR)
    comment_on_dispute(dispute_id=dispute.id, actor=support, note="I am looking at it.")
    moved_clock.pass_by(5 * HOUR + 60)
    assert tend_disputes() == 1
    assert tend_disputes() == 0  # once
    warning = DisputeEntry.objects.get(action="warned")
    assert "The seller has until" in warning.note
    assert "no clock rules" in warning.note
    moved_clock.pass_by(HOUR)
    assert tend_disputes() == 1
    silence = DisputeEntry.objects.get(action="silent")
    assert "The seller has not answered in time." in silence.note
    assert paged() == ["seller_due", "seller_silent"]
    dispute.refresh_from_db()
    assert (dispute.status, dispute.seller_due_at) == ("in_review", None)
    assert fresh(dispute.trade).status == "disputed"


def test_who_answers_is_awaited_no_more_until_he_is_asked_again(
    dispute: Dispute, support: User, moved_clock: MovedClock
) -> None:
    add_statement(dispute_id=dispute.id, actor_id=dispute.trade.seller_id, statement="Nothing came.")
    dispute.refresh_from_db()
    assert (dispute.buyer_due_at, dispute.seller_due_at) == (None, None)
    comment_on_dispute(dispute_id=dispute.id, actor=support, note="Show the bank's paper.", asks=["buyer", "seller"])
    dispute.refresh_from_db()
    in_half_a_day = moved_clock.time + timedelta(hours=12)
    assert (dispute.buyer_due_at, dispute.seller_due_at) == (in_half_a_day, in_half_a_day)


def test_staff_are_warned_and_then_another_gets_it(
    dispute: Dispute, support: User, admin_user: User, moved_clock: MovedClock
) -> None:
    assign_dispute(dispute_id=dispute.id, actor=support)
    moved_clock.pass_by(7 * HOUR + 60)
    assert tend_disputes() == 1
    assert said(dispute)[-1] == ("warned", "system")
    moved_clock.pass_by(HOUR)
    assert tend_disputes() == 1
    dispute.refresh_from_db()
    assert (dispute.status, dispute.assignee) == ("in_review", admin_user)
    assert said(dispute)[-1] == ("reassigned", "system")
    assert paged() == ["staff_due", "reassigned"]
    assert dispute.staff_due_at == moved_clock.time + timedelta(hours=8)


def test_what_nobody_takes_is_given_to_the_least_busy(
    dispute: Dispute, seller: User, support: User, moved_clock: MovedClock
) -> None:
    idle = make_user(role="support")
    other = dispute_about(trade_between(seller, make_user(), status="paid"))
    assign_dispute(dispute_id=other.id, actor=support)
    make_user(role="support", is_active=False)
    moved_clock.pass_by(HOUR)
    comment_on_dispute(dispute_id=other.id, actor=support, note="I am looking at it.")
    moved_clock.pass_by(7 * HOUR)
    tend_disputes()
    dispute.refresh_from_db()
    assert dispute.assignee == idle


def test_if_there_is_nobody_else_all_of_staff_are_reminded(dispute: Dispute, moved_clock: MovedClock) -> None:
    moved_clock.pass_by(8 * HOUR)
    assert tend_disputes() == 1
    dispute.refresh_from_db()
    assert (dispute.status, dispute.assignee) == ("open", None)
    assert said(dispute) == [("warned", "system")]
    assert paged() == ["staff_due"]


def test_staff_are_paged_before_the_trades_own_deadline(
    dispute: Dispute, admin_user: User, moved_clock: MovedClock
) -> None:
    for _ in range(4):
        comment_on_dispute(dispute_id=dispute.id, actor=admin_user, note="Still looking.", asks=["seller"])
        moved_clock.pass_by(6 * HOUR - 60)
    assert tend_disputes() == 1
    assert tend_disputes() == 0
    assert paged() == ["staff_due"]


def test_who_may_not_confirm_is_not_given_a_proposal(
    dispute: Dispute, admin_user: User, second_admin: User, support: User, moved_clock: MovedClock, settings: Settings
) -> None:
    settings.DISPUTE_SECOND_PERSON_ABOVE = 1
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No payment came")
    moved_clock.pass_by(8 * HOUR)
    tend_disputes()
    dispute.refresh_from_db()
    assert (dispute.assignee, dispute.status) == (second_admin, "in_review")
    assert paged()[0] == "second_person"


def test_a_page_goes_to_the_assignee_or_to_all(
    dispute: Dispute, support: User, settings: Settings, admin_user: User
) -> None:
    page_staff(dispute_id=str(dispute.id), about="staff_due")
    assert mail.outbox == []
    settings.STAFF_EMAIL = "staff@iqx.example"
    page_staff(dispute_id=str(dispute.id), about="staff_due")
    assign_dispute(dispute_id=dispute.id, actor=support)
    page_staff(dispute_id=str(dispute.id), about="seller_silent")
    page_staff(dispute_id=str(dispute.id), about="second_person")
    assert [letter.to for letter in mail.outbox] == [["staff@iqx.example"], [support.email], ["staff@iqx.example"]]
    assert dispute.trade.reference in mail.outbox[1].subject
    assert str(dispute.id) in mail.outbox[1].body
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No payment came")
    page_staff(dispute_id=str(dispute.id), about="staff_due")
    assert len(mail.outbox) == 3


def test_a_closed_dispute_has_no_clocks(dispute: Dispute, admin_user: User, moved_clock: MovedClock) -> None:
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No payment came")
    moved_clock.pass_by(100 * HOUR)
    before = everything()
    assert tend_disputes() == 0
    assert everything() == before
