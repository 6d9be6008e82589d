from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from disputes.models import Dispute, DisputeEntry
from disputes.services import assign_dispute, open_dispute, resolve_dispute
from iqx.core.errors import NotAllowed
from tests.disputes.conftest import Post, client_of, dispute_about
from tests.disputes.snapshots import everything
from tests.factories.orders import fresh, make_market, make_trader, place, trade_between
from tests.factories.wallets import balance_of
from trades.models import Trade, Transaction
from trades.services import mark_paid
from wallets.audit import audit

pytestmark = pytest.mark.django_db

ADMIN = "/api/admin/disputes"


def test_support_takes_a_dispute_for_review(dispute: Dispute, support: User, buyer: User) -> None:
    answer = client_of(support).post(f"{ADMIN}/{dispute.id}/assign")
    assert answer.status_code == 200
    assert answer.json()["status"] == "in_review"
    assert answer.json()["assignee"] == {"id": str(support.id), "display_name": support.display_name}
    seen = client_of(buyer).get(f"/api/v1/disputes/{dispute.id}").json()
    assert (seen["status"], seen["timeline"][-1]["action"], seen["timeline"][-1]["actor"]) == (
        "in_review",
        "assigned",
        "staff",
    )
    assert "assignee" not in seen


def test_a_dispute_can_be_given_to_a_colleague(dispute: Dispute, support: User, admin_user: User, post: Post) -> None:
    answer = post(support, f"{ADMIN}/{dispute.id}/assign", assignee=str(admin_user.id))
    assert answer.json()["assignee"]["id"] == str(admin_user.id)
    assert DisputeEntry.objects.get(action="assigned").author == support


def test_a_dispute_is_given_to_staff_alone(dispute: Dispute, support: User, stranger: User, post: Post) -> None:
    before = everything()
    for nobody in (stranger.id, dispute.id):
        answer = post(support, f"{ADMIN}/{dispute.id}/assign", assignee=str(nobody))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "assignee")
    with pytest.raises(NotAllowed):
        assign_dispute(dispute_id=dispute.id, actor=support, assignee=stranger)
    assert everything() == before


def test_staff_comment_for_both_to_read(dispute: Dispute, support: User, seller: User, post: Post) -> None:
    answer = post(support, f"{ADMIN}/{dispute.id}/comment", note="Please send the bank's confirmation.")
    assert answer.status_code == 201
    entry = client_of(seller).get(f"/api/v1/disputes/{dispute.id}").json()["timeline"][-1]
    assert (entry["action"], entry["actor"], entry["note"]) == (
        "comment",
        "staff",
        "Please send the bank's confirmation.",
    )


def test_a_ruling_for_the_buyer_releases_the_escrow(
    dispute: Dispute, seller: User, buyer: User, admin_user: User, post: Post
) -> None:
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/resolve", resolution="release", reason="The payment is proven")
    assert answer.status_code == 200
    ruled = answer.json()
    assert (ruled["status"], ruled["resolution"], ruled["buyer_amount"]) == ("resolved", "release", "100.000000")
    assert ruled["resolved_by"]["id"] == str(admin_user.id)
    assert ruled["timeline"][-1]["note"] == "The payment is proven"
    assert fresh(dispute.trade).status == "released"
    assert Transaction.objects.get().amount == 100
    assert (balance_of(seller), balance_of(buyer)) == ((Decimal(9900), Decimal(0)), (Decimal(100), Decimal(0)))
    assert audit() == []


def test_a_ruling_for_the_seller_returns_the_escrow(
    dispute: Dispute, seller: User, buyer: User, admin_user: User, post: Post
) -> None:
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/resolve", resolution="refund", reason="No payment came")
    assert (answer.json()["resolution"], answer.json()["buyer_amount"]) == ("refund", "0.000000")
    assert fresh(dispute.trade).status == "refunded"
    assert (balance_of(seller), balance_of(buyer)) == ((Decimal(10_000), Decimal(0)), (Decimal(0), Decimal(0)))
    assert audit() == []


def test_a_refund_gives_the_amount_back_to_a_live_order(seller: User, buyer: User, admin_user: User) -> None:
    order, _ = place(seller, "sell", 1, 300)
    (trade,) = place(buyer, "buy", 1, 100)[1]
    mark_paid(trade_id=trade.id, actor_id=buyer.id)
    resolve_dispute(dispute_id=dispute_about(trade).id, actor=admin_user, resolution="refund", reason="No payment came")
    order.refresh_from_db()
    assert (order.filled, order.reserved, order.status) == (0, 300, "pending")
    assert balance_of(seller) == (Decimal(9700), Decimal(300))
    assert audit() == []


def test_a_split_shares_the_escrow_and_the_fees(buyer: User, admin_user: User, post: Post) -> None:
    make_market("USDT-USD", maker_fee=Decimal("0.01"), taker_fee=Decimal("0.01"))
    seller = make_trader()
    place(seller, "sell", 1, 100, market="USDT-USD")
    (trade,) = place(buyer, "buy", 1, 100, market="USDT-USD")[1]
    mark_paid(trade_id=trade.id, actor_id=buyer.id)
    dispute = dispute_about(trade)
    answer = post(
        admin_user, f"{ADMIN}/{dispute.id}/resolve", resolution="split", buyer_amount="30", reason="Part paid"
    )
    assert (answer.json()["resolution"], answer.json()["buyer_amount"]) == ("split", "30.000000")
    assert fresh(trade).status == "split"
    assert balance_of(buyer) == (Decimal("29.7"), Decimal(0))
    assert balance_of(seller) == (Decimal("9969.7"), Decimal(0))
    assert audit() == []


@pytest.mark.parametrize(
    "body",
    [
        {"resolution": "split", "reason": "x"},
        {"resolution": "split", "reason": "x", "buyer_amount": "100"},
        {"resolution": "split", "reason": "x", "buyer_amount": "0"},
        {"resolution": "split", "reason": "x", "buyer_amount": "1.0000001"},
        {"resolution": "release", "reason": "x", "buyer_amount": "50"},
        {"resolution": "refund", "reason": "x", "buyer_amount": "50"},
        {"resolution": "burn", "reason": "x"},
        {"resolution": "release"},
        {"resolution": "release", "reason": " "},
    ],
)
def test_a_ruling_that_makes_no_sense_changes_nothing(
    dispute: Dispute, admin_user: User, post: Post, body: dict[str, str]
) -> None:
    before = everything()
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/resolve", **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert everything() == before


def test_support_cannot_move_money(dispute: Dispute, support: User, post: Post) -> None:
    before = everything()
    answer = post(support, f"{ADMIN}/{dispute.id}/resolve", resolution="release", reason="Please")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert everything() == before


def test_a_suspended_admin_rules_nothing(dispute: Dispute, admin_user: User) -> None:
    admin_user.is_active = False
    before = everything()
    with pytest.raises(NotAllowed):
        resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="release", reason="x")
    with pytest.raises(NotAllowed):
        assign_dispute(dispute_id=dispute.id, actor=admin_user)
    assert everything() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("assign", {}),
        ("comment", {"note": "x"}),
        ("resolve", {"resolution": "refund", "reason": "It is mine"}),
    ],
    ids=["assign", "comment", "resolve"],
)
def test_nobody_handles_a_dispute_of_his_own(
    dispute: Dispute, seller: User, post: Post, path: str, body: dict[str, str]
) -> None:
    seller.role = "admin"
    seller.save()
    before = everything()
    answer = post(seller, f"{ADMIN}/{dispute.id}/{path}", **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "party_to_the_trade")
    assert everything() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("assign", {}),
        ("comment", {"note": "x"}),
        ("resolve", {"resolution": "release", "reason": "On second thoughts"}),
    ],
    ids=["assign", "comment", "resolve"],
)
def test_a_ruling_is_final(dispute: Dispute, admin_user: User, post: Post, path: str, body: dict[str, str]) -> None:
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No payment came")
    before = everything()
    answer = post(admin_user, f"{ADMIN}/{dispute.id}/{path}", **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "dispute_closed")
    assert everything() == before


def test_users_have_no_business_here(dispute: Dispute, buyer: User, post: Post) -> None:
    before = everything()
    answers = [
        client_of(buyer).get(ADMIN),
        client_of(buyer).get(f"{ADMIN}/{dispute.id}"),
        post(buyer, f"{ADMIN}/{dispute.id}/assign"),
        post(buyer, f"{ADMIN}/{dispute.id}/comment", note="x"),
        post(buyer, f"{ADMIN}/{dispute.id}/resolve", resolution="release", reason="x"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(403, "permission_denied")] * 5
    assert APIClient().get(ADMIN).status_code == 401
    assert everything() == before


def test_what_does_not_exist_is_not_found(support: User, admin_user: User, paid_trade: Trade, post: Post) -> None:
    nowhere = f"{ADMIN}/{paid_trade.id}"
    assert client_of(support).get(nowhere).status_code == 404
    assert post(support, f"{nowhere}/assign").status_code == 404
    assert post(admin_user, f"{nowhere}/resolve", resolution="release", reason="x").status_code == 404


def test_staff_see_what_is_at_stake(dispute: Dispute, support: User, seller: User, buyer: User) -> None:
    seen = client_of(support).get(f"{ADMIN}/{dispute.id}").json()
    assert (seen["amount"], seen["total"], seen["quote"]) == ("100.000000", "100.00", "EUR")
    assert (seen["buyer"]["id"], seen["seller"]["id"]) == (str(buyer.id), str(seller.id))
    assert (seen["assignee"], seen["resolved_by"]) == (None, None)
    listed = client_of(support).get(ADMIN, {"status": "open"}).json()["results"]
    del seen["history"]
    assert listed == [seen]
    assert client_of(support).get(ADMIN, {"status": "resolved"}).json()["results"] == []


def test_the_list_takes_as_many_queries_for_two_as_for_four(
    seller: User, support: User, django_assert_num_queries: Any
) -> None:
    client = client_of(support)
    for length in (2, 4):
        for _ in range(2):
            trade = trade_between(seller, make_trader(0), status="paid")
            dispute = open_dispute(
                trade_id=trade.id, actor_id=trade.seller_id, reason="payment_not_received", statement="Nothing came"
            )
            assign_dispute(dispute_id=dispute.id, actor=support)
        with django_assert_num_queries(5):  # the disputes with all persons; timelines, files, helpers, rulings
            assert len(client.get(ADMIN).json()["results"]) == length
