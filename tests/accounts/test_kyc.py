"""Who one is: documents are sent in once at a time, sealed, and decided on by staff."""

from typing import Any

import pytest
from django.db import connection

from accounts.kyc import services
from accounts.kyc.selectors import verified_name
from accounts.models import KycSubmission, User
from iqx.core.errors import DomainError
from iqx.core.models import AuditRecord, Event
from tests.core.files.conftest import folder
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import auth_client, make_user
from tests.factories.files import upload
from tests.factories.racing import at_once

__all__ = ["folder"]

pytestmark = pytest.mark.django_db

KYC = "/api/v1/auth/kyc"
GOOD = {"document_type": "passport", "country": "DE", "legal_name": "Ann Example", "document_number": "C01X00T47"}


def send(user: User, **fields: Any) -> Any:
    body = {**GOOD, "front": upload(), **fields}
    return auth_client(user).post(KYC, {k: v for k, v in body.items() if v is not None}, format="multipart")


def decide(staff: User, submission_id: str, what: str, **body: Any) -> Any:
    return auth_client(staff).post(f"/api/admin/kyc/{submission_id}/{what}", body, format="json")


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def support() -> User:
    return make_user(role="support")


def test_documents_are_sent_seen_by_staff_and_approved(user: User, support: User) -> None:
    sent = send(user, selfie=upload())
    assert (sent.status_code, sent.json()["status"]) == (201, "pending")
    assert sent.json()["due_at"] is not None
    assert "C01X00T47" not in sent.content.decode()
    shown = auth_client(user).get(KYC).json()
    assert (shown["kyc_status"], shown["submissions"]) == ("pending", [sent.json()])

    opened = auth_client(support).get(f"/api/admin/kyc/{sent.json()['id']}").json()
    assert (opened["legal_name"], opened["document_number"]) == ("Ann Example", "C01X00T47")
    assert {file["kind"] for file in opened["files"]} == {"front", "selfie"}
    assert auth_client(support).get(opened["files"][0]["url"]).status_code == 200

    assert verified_name(user.pk) is None
    assert decide(support, sent.json()["id"], "approve", level=1).json()["status"] == "verified"
    user.refresh_from_db()
    assert (user.kyc_status, user.kyc_level, verified_name(user.pk)) == ("verified", 1, "Ann Example")
    assert user.verified_name == "Ann Example"
    events = Event.objects.filter(stream_id=f"user:{user.pk}", type="kyc_updated").order_by("seq")
    assert [event.data["kyc_status"] for event in events] == ["pending", "verified"]


def test_what_is_private_is_sealed_at_rest(user: User) -> None:
    send(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM accounts_kycsubmission s")
        (row,) = cursor.fetchone()
    assert "Ann" not in row
    assert "C01X00T47" not in row


def test_a_rejection_has_a_reason_and_leaves_a_second_chance(user: User, support: User) -> None:
    first = send(user).json()["id"]
    assert decide(support, first, "reject", reason="The picture is not sharp.").status_code == 200
    (seen,) = auth_client(user).get(KYC).json()["submissions"]
    assert (seen["status"], seen["reason"]) == ("rejected", "The picture is not sharp.")
    user.refresh_from_db()
    assert (user.kyc_status, user.kyc_level) == ("rejected", 0)
    assert send(user).status_code == 201


def test_who_is_verified_stays_so_while_a_higher_level_is_reviewed(support: User) -> None:
    user = make_user(kyc_status="verified", kyc_level=1)
    sent = send(user).json()["id"]
    user.refresh_from_db()
    assert (user.kyc_status, user.kyc_level) == ("verified", 1)
    decide(support, sent, "reject", reason="No proof of address.")
    user.refresh_from_db()
    assert (user.kyc_status, user.kyc_level) == ("verified", 1)


def test_one_submission_waits_at_a_time_and_is_decided_once(user: User, support: User) -> None:
    sent = send(user).json()["id"]
    assert send(user).json()["code"] == "kyc_pending"
    decide(support, sent, "approve", level=2)
    for what, body in (("approve", {"level": 1}), ("reject", {"reason": "Too late."})):
        answer = decide(support, sent, what, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "kyc_wrong_status")
    assert KycSubmission.objects.get().level == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"document_type": "library_card"},
        {"country": "Germany"},
        {"country": None},
        {"legal_name": ""},
        {"document_number": "1" * 61},
        {"front": None},
        {"front": upload(b"GIF89a", "a.gif", "image/gif")},
        {"back": upload(b"no picture at all")},
        {"front": "a text"},
    ],
    ids=str,
)
def test_what_is_no_submission_changes_nothing(user: User, fields: dict[str, Any]) -> None:
    auth_client(user)
    before = snapshot()["accounts_kycsubmission"], snapshot()["core_storedfile"], snapshot()["accounts_user"]
    assert send(user, **fields).status_code in {400, 422}
    after = snapshot()["accounts_kycsubmission"], snapshot()["core_storedfile"], snapshot()["accounts_user"]
    assert before == after


def test_whoever_of_staff_looks_at_documents_is_written_down(user: User) -> None:
    """The submission when it is opened, each document when its link is followed; the owner's own links name nobody."""
    sent = send(user).json()["id"]
    auditor = make_user(role="auditor")
    shown = auth_client(auditor).get(f"/api/admin/kyc/{sent}").json()
    link = shown["files"][0]["url"]
    assert auth_client(auditor).get(link).status_code == 200
    seen = list(AuditRecord.objects.order_by("pk").values_list("action", "actor_id", "user_id", "subject_id"))
    assert seen == [
        ("kyc_opened", auditor.pk, user.pk, sent),
        ("file_read", auditor.pk, user.pk, shown["files"][0]["id"]),
    ]
    assert "Ann" not in str(list(AuditRecord.objects.values())), "what is private is not copied"
    assert auth_client(make_user()).get(f"/api/admin/kyc/{sent}").status_code == 403
    assert auth_client(auditor).get(link[:-1]).status_code == 404
    assert AuditRecord.objects.count() == 2


def test_staff_alone_decide_and_nobody_about_himself(user: User, support: User) -> None:
    mine, his = send(support).json()["id"], send(user).json()["id"]
    assert decide(user, his, "approve", level=1).status_code == 403
    assert decide(support, mine, "approve", level=1).status_code == 403
    assert decide(make_user(role="support"), mine, "approve", level=1).status_code == 403  # staff are an admin's
    assert decide(support, his, "approve", level=3).status_code == 400
    assert set(KycSubmission.objects.values_list("status", flat=True)) == {"pending"}


def submit(user: User) -> Any:
    return services.submit_kyc(user_id=user.pk, documents={}, **GOOD)


@pytest.mark.django_db(transaction=True)
def test_two_submissions_at_once_are_one() -> None:
    user = make_user()
    assert sorted(type(it).__name__ for it in at_once([lambda: submit(user)] * 2)) == ["KycPending", "KycSubmission"]


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_are_one() -> None:
    submission, staff = submit(make_user()), make_user(role="admin")
    who: dict[str, Any] = {"submission_id": submission.pk, "actor_id": staff.pk}
    outcomes = at_once([lambda: services.approve_kyc(**who, level=1), lambda: services.reject_kyc(**who, reason="No.")])
    assert sorted(isinstance(outcome, DomainError) for outcome in outcomes) == [False, True]
