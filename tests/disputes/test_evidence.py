"""Statements with files: examined, shown to both by links that expire, and compared with what was sent before."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Flag, User
from disputes.models import Dispute
from iqx.core import files
from iqx.core.models import Event, StoredFile
from tests.disputes.conftest import client_of, dispute_about
from tests.disputes.snapshots import everything
from tests.factories.files import PDF, encoded, receipt, scaled, upload
from tests.factories.orders import make_trader, trade_between
from trades.chat import write_message

pytestmark = pytest.mark.django_db

ADMIN = "/api/admin/disputes"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """The private storage, in a folder of this test's own."""
    private = settings.STORAGES["private"]
    settings.STORAGES = settings.STORAGES | {
        "private": private | {"OPTIONS": private["OPTIONS"] | {"location": tmp_path}}
    }
    return tmp_path


def send(user: User, dispute: Dispute, **form: Any) -> Any:
    return client_of(user).post(f"/api/v1/disputes/{dispute.id}/evidence", form, format="multipart")


def test_files_are_seen_by_both_parties_and_by_no_other(
    dispute: Dispute, seller: User, buyer: User, stranger: User
) -> None:
    document = upload(PDF, "statement.pdf", "application/pdf")
    answer = send(buyer, dispute, statement="See both", file=[upload(), document])
    assert answer.status_code == 201
    entry = answer.json()["timeline"][-1]
    assert (entry["action"], entry["note"]) == ("statement", "See both")
    assert [(f["name"], f["content_type"]) for f in entry["files"]] == [
        ("receipt.png", "image/png"),
        ("statement.pdf", "application/pdf"),
    ]
    seen = client_of(seller).get(f"/api/v1/disputes/{dispute.id}").json()["timeline"][-1]["files"]
    assert [file["id"] for file in seen] == [file["id"] for file in entry["files"]]
    assert client_of(seller).get(seen[0]["url"]).content.startswith(b"\x89PNG")
    assert client_of(stranger).get(f"/api/v1/disputes/{dispute.id}").status_code == 404


def test_a_file_needs_no_words_and_any_field_will_do(dispute: Dispute, seller: User) -> None:
    answer = send(seller, dispute, evidence=upload(), receipt=upload(PDF, "b.pdf"))
    assert (answer.status_code, len(answer.json()["timeline"][-1]["files"])) == (201, 2)
    assert answer.json()["answers_due"]["seller"] is None


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([upload(b"<html>", "page.html")], "file_refused"),
        ([upload(b"not a picture")], "file_refused"),
        ([upload()] * 6, "payload_too_large"),
    ],
)
def test_bad_files_change_nothing(dispute: Dispute, buyer: User, files: list[Any], code: str) -> None:
    before = everything()
    answer = send(buyer, dispute, statement="Here", file=files)
    assert answer.json()["code"] == code
    assert everything() == before


def test_a_form_without_words_and_files_is_refused(dispute: Dispute, buyer: User) -> None:
    before = everything()
    assert send(buyer, dispute, note="x").json()["code"] == "validation_error"
    assert everything() == before


def test_a_strangers_file_is_not_kept(dispute: Dispute, stranger: User, folder: Path) -> None:
    assert send(stranger, dispute, file=upload()).status_code == 404
    assert list(folder.rglob("*.*")) == []
    assert not StoredFile.objects.exists()


def test_staff_see_where_a_receipt_was_used_before(dispute: Dispute, seller: User, buyer: User, support: User) -> None:
    """The same picture in another trade's dispute, smaller and recompressed; its own trade's don't count."""
    send(buyer, dispute, file=upload())
    other = dispute_about(trade_between(seller, buyer, status="paid"))
    again = encoded(scaled(receipt(), 0.7).convert("RGB"), "JPEG", quality=70)
    for _ in range(2):
        assert send(buyer, other, file=upload(again, "new.jpg", "image/jpeg")).status_code == 201
    timeline = client_of(support).get(f"{ADMIN}/{other.id}").json()["timeline"]
    for entry in timeline[1:]:
        (file,) = entry["files"]
        assert [(c["sent_by"], c["sent_for"]) for c in file["copies"]] == [(str(buyer.id), "dispute_evidence")]
    first = client_of(support).get(f"{ADMIN}/{dispute.id}").json()["timeline"][-1]["files"][0]
    assert first["copies"] == []
    for_parties = client_of(buyer).get(f"/api/v1/disputes/{other.id}").json()["timeline"][-1]["files"][0]
    assert "copies" not in for_parties


def test_evidence_is_compared_with_what_buyers_sent_in_chats(
    dispute: Dispute, seller: User, buyer: User, support: User
) -> None:
    """The seller and staff are told of the other trade, the buyer is not; what he said in this one doesn't count."""
    victim = make_trader()
    earlier = trade_between(victim, buyer)
    write_message(trade_id=earlier.id, actor_id=buyer.id, body="Paid", attachment=files.receive(upload()))
    own = upload(PDF, "statement.pdf", "application/pdf")
    write_message(trade_id=dispute.trade_id, actor_id=buyer.id, body="Here", attachment=files.receive(own))
    sent = send(buyer, dispute, file=[upload(PDF, "statement.pdf", "application/pdf"), upload()])
    assert [file["seen_before"] for file in sent.json()["timeline"][-1]["files"]] == [False, False]
    path = f"/api/v1/disputes/{dispute.id}"
    shown = client_of(seller).get(path).json()["timeline"][-1]["files"]
    assert [file["seen_before"] for file in shown] == [False, True]
    for party, warned in ((seller, True), (buyer, False)):
        event = Event.objects.filter(stream_id=f"user:{party.id}", type="dispute_updated").latest("seq")
        assert event.data["timeline"][-1]["files"][1]["seen_before"] is warned
    (flag,) = Flag.objects.all()
    assert (flag.code, flag.subject_id, flag.user) == ("receipt_reuse", dispute.trade_id, buyer)
    assert earlier.reference in flag.because
    assert Event.objects.filter(stream_id=f"user:{support.id}", type="staff_called").count() == 1


def test_a_sellers_statement_that_serves_twice_is_no_receipt(dispute: Dispute, seller: User, buyer: User) -> None:
    other = dispute_about(trade_between(seller, buyer, status="paid"))
    for each in (dispute, other):
        assert send(seller, each, file=upload()).status_code == 201
    assert (
        client_of(seller).get(f"/api/v1/disputes/{other.id}").json()["timeline"][-1]["files"][0]["seen_before"] is False
    )
    assert not Flag.objects.exists()
