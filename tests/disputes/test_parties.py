from typing import Any

import pytest

from accounts.models import User
from disputes.models import Dispute
from disputes.services import add_statement, parties, resolve_dispute
from iqx.core.events import user_stream
from iqx.core.models import Event
from tests.disputes.conftest import Post, client_of, dispute_about
from tests.disputes.snapshots import everything
from tests.factories.orders import bring_to, fresh, trade_between
from tests.factories.wallets import balance_of
from trades.models import Trade
from trades.services import release_trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db

CLAIM = {"reason": "not_released", "statement": "I paid an hour ago."}


def events_of(user: User, kind: str) -> list[dict[str, Any]]:
    rows = Event.objects.filter(stream_id=user_stream(user.id), type=kind).order_by("seq")
    return [row.data for row in rows]


def test_a_party_opens_a_dispute_and_both_are_told(paid_trade: Trade, seller: User, buyer: User, post: Post) -> None:
    answer = post(buyer, f"trades/{paid_trade.id}/dispute", **CLAIM)
    assert answer.status_code == 201
    told = answer.json()
    trade = fresh(paid_trade)
    assert trade.status == "disputed"
    assert told["trade"] == str(trade.id)
    assert (told["opened_by"], told["reason"], told["status"]) == ("buyer", "not_released", "open")
    assert (told["resolution"], told["buyer_amount"]) == (None, None)
    assert [(e["action"], e["actor"], e["note"]) for e in told["timeline"]] == [
        ("opened", "buyer", "I paid an hour ago.")
    ]
    assert told["deadline"] is not None
    for party in (seller, buyer):
        assert events_of(party, "dispute_updated") == [told]
        assert [trade["status"] for trade in events_of(party, "trade_disputed")] == ["disputed"]
    assert balance_of(seller)[1] == 100
    assert audit() == []


def test_the_seller_may_open_one_too(paid_trade: Trade, seller: User, post: Post) -> None:
    answer = post(seller, f"trades/{paid_trade.id}/dispute", reason="payment_not_received", statement="No money came.")
    assert answer.json()["opened_by"] == "seller"


def test_a_trade_has_one_live_dispute(dispute: Dispute, seller: User, post: Post) -> None:
    before = everything()
    answer = post(seller, f"trades/{dispute.trade_id}/dispute", **CLAIM)
    assert (answer.status_code, answer.json()["code"]) == (409, "trade_wrong_status")
    assert everything() == before


@pytest.mark.parametrize("status", ["awaiting_payment", "expired", "cancelled", "refunded", "split"])
def test_only_a_paid_trade_can_be_disputed(seller: User, buyer: User, post: Post, status: str) -> None:
    trade = trade_between(seller, buyer, status=status)
    before = everything()
    answer = post(buyer, f"trades/{trade.id}/dispute", **CLAIM)
    assert (answer.status_code, answer.json()["code"]) == (409, "trade_wrong_status")
    assert everything() == before


def test_a_reason_in_other_words_is_taken_as_other(paid_trade: Trade, buyer: User, post: Post) -> None:
    answer = post(buyer, f"trades/{paid_trade.id}/dispute", reason="he is asleep", statement="No answer for hours.")
    assert (answer.status_code, answer.json()["reason"]) == (201, "other")


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "other"},
        {"reason": "other", "statement": "  "},
        {"reason": "other", "statement": "x" * 2001},
        {"statement": "x"},
    ],
)
def test_a_dispute_says_why(paid_trade: Trade, buyer: User, post: Post, body: dict[str, str]) -> None:
    before = everything()
    answer = post(buyer, f"trades/{paid_trade.id}/dispute", **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert everything() == before


def test_a_disputed_trade_cannot_be_released_by_the_seller(dispute: Dispute, seller: User) -> None:
    before = everything()
    with pytest.raises(Exception, match="not in a state"):
        release_trade(trade_id=dispute.trade_id, actor_id=seller.id)
    assert everything() == before


def test_a_repeat_with_the_same_key_opens_one_dispute(paid_trade: Trade, buyer: User) -> None:
    address, headers = f"/api/v1/trades/{paid_trade.id}/dispute", {"Idempotency-Key": "k-1"}
    first, second = (client_of(buyer).post(address, CLAIM, format="json", headers=headers) for _ in range(2))
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Dispute.objects.count() == 1


def test_both_parties_add_statements(dispute: Dispute, seller: User, buyer: User, post: Post) -> None:
    for party in (buyer, seller):
        answer = post(party, f"disputes/{dispute.id}/evidence", statement=f"By {party.display_name}")
        assert answer.status_code == 201
    timeline = answer.json()["timeline"]
    assert [(e["action"], e["actor"]) for e in timeline] == [
        ("opened", "buyer"),
        ("statement", "buyer"),
        ("statement", "seller"),
    ]
    assert timeline[-1]["note"] == f"By {seller.display_name}"
    assert answer.json()["version"] == 3
    assert events_of(buyer, "dispute_updated")[-1] == answer.json() == events_of(seller, "dispute_updated")[-1]


def test_evidence_comes_as_a_form_too(dispute: Dispute, buyer: User) -> None:
    client = client_of(buyer)
    answer = client.post(f"/api/v1/disputes/{dispute.id}/evidence", {"statement": "Here"}, format="multipart")
    assert answer.status_code == 201
    assert answer.json()["timeline"][-1]["note"] == "Here"


def _form_with(statement: bytes) -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="statement"\r\n\r\n' + statement + b"\r\n--x--"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"not a form", "multipart/form-data"),
        (b"not a form", "multipart/form-data; boundary=x"),
        (_form_with(b"\0"), "multipart/form-data; boundary=x"),
        (b"", "application/json"),
        (b"statement", "application/json"),
    ],
)
def test_evidence_that_cannot_be_read_is_refused(dispute: Dispute, buyer: User, body: bytes, media_type: str) -> None:
    before = everything()
    address = f"/api/v1/disputes/{dispute.id}/evidence"
    answer = client_of(buyer).generic("POST", address, body.decode("latin-1"), content_type=media_type)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert everything() == before


def test_one_party_cannot_flood_the_dispute(
    dispute: Dispute, seller: User, buyer: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parties, "STATEMENTS_PER_PARTY", 2)
    for number in range(2):
        add_statement(dispute_id=dispute.id, actor_id=buyer.id, statement=f"No. {number}")
    before = everything()
    answer = post(buyer, f"disputes/{dispute.id}/evidence", statement="One more")
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (422, "too_many_statements", 2)
    assert everything() == before
    assert post(seller, f"disputes/{dispute.id}/evidence", statement="My turn").status_code == 201


def test_who_opened_it_may_withdraw_it(dispute: Dispute, seller: User, buyer: User, post: Post) -> None:
    answer = post(buyer, f"disputes/{dispute.id}/withdraw")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["deadline"]) == ("withdrawn", None)
    trade = fresh(dispute.trade)
    assert (trade.status, trade.reminded) == ("paid", False)
    assert trade.deadline is not None
    assert events_of(seller, "trade_paid")[-1]["status"] == "paid"
    assert events_of(seller, "dispute_updated")[-1] == answer.json()
    release_trade(trade_id=trade.id, actor_id=seller.id)
    assert balance_of(buyer)[0] == 100
    assert audit() == []


def test_a_trade_can_be_disputed_again_after_a_withdrawal(
    dispute: Dispute, seller: User, buyer: User, post: Post
) -> None:
    post(buyer, f"disputes/{dispute.id}/withdraw")
    again = post(seller, f"trades/{dispute.trade_id}/dispute", reason="payment_reversed", statement="It is gone.")
    assert again.status_code == 201
    assert Dispute.objects.filter(trade=dispute.trade_id).count() == 2


def test_the_other_party_cannot_withdraw_it(dispute: Dispute, seller: User, post: Post) -> None:
    before = everything()
    answer = post(seller, f"disputes/{dispute.id}/withdraw")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_dispute")
    assert everything() == before


@pytest.mark.parametrize(
    ("path", "body"), [("withdraw", {}), ("evidence", {"statement": "Too late"})], ids=["withdraw", "evidence"]
)
def test_a_closed_dispute_takes_nothing_more(
    dispute: Dispute, buyer: User, admin_user: User, post: Post, path: str, body: dict[str, str]
) -> None:
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No proof")
    before = everything()
    answer = post(buyer, f"disputes/{dispute.id}/{path}", **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "dispute_closed")
    assert answer.json()["current_status"] == "resolved"
    assert everything() == before


def test_a_stranger_finds_no_dispute(dispute: Dispute, stranger: User, post: Post) -> None:
    before = everything()
    client = client_of(stranger)
    answers = [
        client.get(f"/api/v1/disputes/{dispute.id}"),
        post(stranger, f"disputes/{dispute.id}/withdraw"),
        post(stranger, f"disputes/{dispute.id}/evidence", statement="x"),
        post(stranger, f"trades/{dispute.trade_id}/dispute", **CLAIM),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not_found")] * 4
    assert client.get("/api/v1/disputes").json()["results"] == []
    assert everything() == before


def test_each_party_reads_the_dispute(dispute: Dispute, seller: User, buyer: User) -> None:
    for party in (seller, buyer):
        one = client_of(party).get(f"/api/v1/disputes/{dispute.id}").json()
        assert one["id"] == str(dispute.id)
        assert client_of(party).get("/api/v1/disputes").json()["results"] == [one]


def test_the_list_is_filtered_by_status(seller: User, buyer: User, paid_trade: Trade, post: Post) -> None:
    withdrawn = dispute_about(paid_trade)
    post(buyer, f"disputes/{withdrawn.id}/withdraw")
    live = dispute_about(bring_to(trade_between(seller, buyer), "paid"))
    client = client_of(buyer)

    def listed(status: str) -> list[str]:
        return [row["id"] for row in client.get("/api/v1/disputes", {"status": status}).json()["results"]]

    assert listed("open") == [str(live.id)]
    assert listed("withdrawn") == [str(withdrawn.id)]
    assert client.get("/api/v1/disputes", {"status": "lost"}).status_code == 400


def test_the_list_takes_as_many_queries_for_two_as_for_four(
    seller: User, buyer: User, django_assert_num_queries: Any
) -> None:
    client = client_of(buyer)
    for length in (2, 4):
        for _ in range(2):
            dispute_about(trade_between(seller, buyer, status="paid"))
        with django_assert_num_queries(3):  # the disputes with their trades; the timelines; their files
            assert len(client.get("/api/v1/disputes").json()["results"]) == length
