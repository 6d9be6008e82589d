"""Above a limit a ruling is one admin's proposal until another one confirms it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from accounts.models import User
from disputes.models import Dispute, Ruling
from disputes.services import add_helper, resolve_dispute, withdraw_dispute
from tests.disputes.conftest import Post, client_of
from tests.disputes.snapshots import everything
from tests.factories.orders import fresh
from tests.factories.wallets import balance_of
from wallets.audit import audit
from wallets.errors import SecondPersonRequired

pytestmark = pytest.mark.django_db

ADMIN = "/api/admin/disputes"


@pytest.fixture(autouse=True)
def low_limit(settings: Settings) -> None:
    settings.DISPUTE_SECOND_PERSON_ABOVE = Decimal("99.999999")


@pytest.fixture
def proposed(dispute: Dispute, admin_user: User) -> Ruling:
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="release", reason="The payment is proven")
    return Ruling.objects.get()


def test_one_proposes_and_another_confirms(
    dispute: Dispute, admin_user: User, second_admin: User, buyer: User, post: Post
) -> None:
    answer = post(
        admin_user, f"{ADMIN}/{dispute.id}/resolve", resolution="split", buyer_amount="40", reason="Part paid"
    )
    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["resolution"]) == (200, "in_review", None)
    assert shown["assignee"]["id"] == str(admin_user.id)
    assert fresh(dispute.trade).status == "disputed"
    for_parties = client_of(buyer).get(f"/api/v1/disputes/{dispute.id}").json()
    assert [entry["action"] for entry in for_parties["timeline"]] == ["opened"]
    (ruling,) = shown["rulings"]
    assert (ruling["status"], ruling["buyer_amount"], ruling["needs_second"]) == ("proposed", "40.000000", True)

    made = post(second_admin, f"{ADMIN}/{dispute.id}/confirm", ruling=ruling["id"]).json()
    assert (made["status"], made["resolution"], made["buyer_amount"]) == ("resolved", "split", "40.000000")
    assert made["rulings"][0]["confirmed_by"]["id"] == str(second_admin.id)
    assert balance_of(buyer)[0] == 40
    assert audit() == []


def test_nobody_confirms_his_own_proposal(proposed: Ruling, admin_user: User, post: Post) -> None:
    before = everything()
    answer = post(admin_user, f"{ADMIN}/{proposed.dispute_id}/confirm", ruling=str(proposed.id))
    assert (answer.status_code, answer.json()["code"]) == (SecondPersonRequired.status, "second_person_required")
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'made', confirmed_by_id = proposed_by_id", "disputes_ruling_two_persons"),
        ("status = 'made'", "disputes_ruling_made_by_enough"),
        ("needs_second = false", "disputes_ruling_made_by_enough"),
        ("finding = 'buyer'", "disputes_ruling_rules_or_finds"),
    ],
)
def test_the_database_knows_the_rule(proposed: Ruling, change: str, constraint: str) -> None:
    before = everything()
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE disputes_ruling SET {change}")  # noqa: S608
    cause: Any = caught.value.__cause__
    assert cause.diag.constraint_name == constraint
    assert everything() == before


@pytest.mark.parametrize(
    "sql", ["UPDATE disputes_ruling SET reason = 'x'", "DELETE FROM disputes_ruling", "TRUNCATE disputes_ruling"]
)
def test_a_ruling_that_was_dropped_stays_as_it_was(proposed: Ruling, sql: str) -> None:
    withdraw_dispute(dispute_id=proposed.dispute_id, actor_id=proposed.dispute.trade.buyer_id)
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            cursor.execute(sql)
    assert everything() == before


def test_what_is_confirmed_is_what_was_read(proposed: Ruling, admin_user: User, second_admin: User, post: Post) -> None:
    post(admin_user, f"{ADMIN}/{proposed.dispute_id}/resolve", resolution="refund", reason="It was reversed")
    before = everything()
    answer = post(second_admin, f"{ADMIN}/{proposed.dispute_id}/confirm", ruling=str(proposed.id))
    assert (answer.status_code, answer.json()["code"]) == (409, "ruling_changed")
    assert everything() == before
    assert [ruling.status for ruling in Ruling.objects.all()] == ["dropped", "proposed"]


def test_without_a_proposal_there_is_nothing_to_confirm(dispute: Dispute, admin_user: User, post: Post) -> None:
    before = everything()
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/confirm", ruling=str(dispute.id))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_ruling_proposed")
    assert everything() == before


def test_support_confirms_nothing(proposed: Ruling, support: User, post: Post) -> None:
    before = everything()
    assert post(support, f"{ADMIN}/{proposed.dispute_id}/confirm", ruling=str(proposed.id)).status_code == 403
    assert everything() == before


def test_at_the_limit_one_is_enough(dispute: Dispute, admin_user: User, post: Post, settings: Settings) -> None:
    settings.DISPUTE_SECOND_PERSON_ABOVE = Decimal(100)
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/resolve", resolution="refund", reason="No payment came")
    assert answer.json()["status"] == "resolved"


@pytest.mark.parametrize("role", ["user", "admin"])
def test_a_helper_reads_and_does_nothing(
    dispute: Dispute, support: User, stranger: User, post: Post, role: str
) -> None:
    stranger.role = role
    stranger.save()
    assert post(support, f"{ADMIN}/{dispute.id}/helpers", user=str(stranger.id)).status_code == 201
    assert client_of(stranger).get(f"{ADMIN}/{dispute.id}").status_code == 200
    before = everything()
    bodies: dict[str, dict[str, Any]] = {
        "assign": {},
        "comment": {"note": "x"},
        "note": {"note": "x"},
        "resolve": {"resolution": "refund", "reason": "x"},
        "helpers": {"user": str(stranger.id)},
    }
    codes = {post(stranger, f"{ADMIN}/{dispute.id}/{path}", **body).json()["code"] for path, body in bodies.items()}
    assert codes == {"permission_denied" if role == "user" else "helper_only"}
    assert everything() == before


def test_a_helper_reads_one_dispute_as_long_as_he_is_let(
    dispute: Dispute, support: User, stranger: User, paid_trade: Any
) -> None:
    add_helper(dispute_id=dispute.id, actor=support, helper=stranger)
    assert client_of(stranger).get(ADMIN).status_code == 403
    assert client_of(stranger).get(f"{ADMIN}/{paid_trade.id}").status_code == 403
    address = f"{ADMIN}/{dispute.id}/helpers/{stranger.id}"
    assert client_of(support).delete(address).status_code == 204
    assert client_of(support).delete(address).status_code == 404
    assert client_of(stranger).get(f"{ADMIN}/{dispute.id}").status_code == 403


def test_no_party_is_a_helper(dispute: Dispute, support: User, seller: User, post: Post) -> None:
    before = everything()
    answer = post(support, f"{ADMIN}/{dispute.id}/helpers", user=str(seller.id))
    assert answer.json()["code"] == "party_to_the_trade"
    assert post(support, f"{ADMIN}/{dispute.id}/helpers", user=str(dispute.id)).status_code == 400
    assert everything() == before


def test_staffs_notes_stay_among_staff(dispute: Dispute, support: User, buyer: User, post: Post) -> None:
    told_before = client_of(buyer).get(f"/api/v1/disputes/{dispute.id}").json()
    answer = post(support, f"{ADMIN}/{dispute.id}/note", note="He has done this before.")
    assert answer.json()["timeline"][-1] | {"at": None} == {
        "action": "note", "actor": "staff", "note": "He has done this before.", "files": [], "at": None,
        "internal": True,
    }  # fmt: skip
    assert client_of(buyer).get(f"/api/v1/disputes/{dispute.id}").json() == told_before


def test_staff_have_both_parties_history_at_hand(dispute: Dispute, admin_user: User, support: User) -> None:
    history = client_of(support).get(f"{ADMIN}/{dispute.id}").json()["history"]
    for side in ("buyer", "seller"):
        assert (history[side]["live_trades"], history[side]["record"]["completed_trades"]) == (1, 0)
        assert history[side]["disputes"]["total"] == 1
    assert (history["trades_together"], history["status_before"]) == (0, "paid")
    assert (history["buyer"]["disputes"]["opened"], history["seller"]["disputes"]["opened"]) == (1, 0)
