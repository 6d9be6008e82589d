"""The audit trail: every act of staff's is in it, nothing comes out of it, and what is changed shows."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import services, staff
from accounts.models import User
from accounts.trust.rules import NEW_ADDRESS
from iqx.core import audit
from iqx.core.audit.chain import seal_records, verify
from iqx.core.models import AuditBatch, AuditHead, AuditRecord
from iqx.core.transactions import NotWrittenDown, unit_of_work, use_case
from tests.factories.accounts import auth_client, make_user
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> User:
    return make_user(role="admin")


@pytest.fixture
def user(db: None) -> User:
    return make_user()


@pytest.fixture
def sealed(admin: User, user: User) -> list[AuditRecord]:
    """Two batches of two records, and one more that is not sealed yet."""
    for _ in range(2):
        services.suspend_user(user_id=user.pk, actor_id=admin.pk, reason="He shouts.")
        services.reinstate_user(user_id=user.pk, actor_id=admin.pk, reason="He stopped.")
        assert seal_records() == 2
    services.suspend_user(user_id=user.pk, actor_id=admin.pk)
    return list(AuditRecord.objects.order_by("pk"))


def forge(sql: str, *values: Any) -> None:
    """As somebody could who owns the database: past the triggers and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


# What is written


def test_a_record_says_who_what_why_and_from_where(admin: User, user: User) -> None:
    with unit_of_work():
        audit.coming_from(lambda: audit.Origin("192.0.2.7", "Firefox", "req-1", "POST /somewhere"))
        staff.require_staff(admin)
        audit.record(
            "user_suspended",
            actor=admin,
            subject=user,
            user_id=user.pk,
            before={"is_active": True},
            after={"is_active": False},
            reason="He shouts.",
        )
    written = AuditRecord.objects.values().get()
    assert written | {"id": 0, "at": 0, "digest": 0} == {
        "id": 0, "at": 0, "digest": 0, "batch_id": None,
        "actor_id": admin.pk, "actor_role": "admin", "action": "user_suspended",
        "subject_kind": "user", "subject_id": str(user.pk), "user_id": user.pk,
        "before": {"is_active": True}, "after": {"is_active": False}, "reason": "He shouts.",
        "ip": "192.0.2.7", "user_agent": "Firefox", "request_id": "req-1", "entrance": "POST /somewhere",
    }  # fmt: skip


def test_an_act_and_its_record_are_one_transaction(admin: User, user: User) -> None:
    """Both commit or none does: here the act fails after the record was written."""

    @use_case
    def suspend_and_fail() -> None:
        staff.lock_pair(admin.pk, user.pk)
        audit.record("user_suspended", actor=admin, subject=user)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        suspend_and_fail()
    assert not AuditRecord.objects.exists()


def test_what_is_not_written_down_does_not_happen(admin: User, user: User) -> None:
    @use_case
    def act_in_silence() -> None:
        _, him = staff.lock_pair(admin.pk, user.pk)
        him.is_active = False
        him.save(update_fields=["is_active"])

    with pytest.raises(NotWrittenDown):
        act_in_silence()
    user.refresh_from_db()
    assert user.is_active


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_of_a_transaction(admin: User) -> None:
    with pytest.raises(RuntimeError):
        audit.record("user_suspended", actor=admin, subject=admin)
    assert not AuditRecord.objects.exists()


def test_a_request_leaves_its_traces(admin: User, user: User) -> None:
    client = auth_client(admin)
    answer = client.post(
        f"/api/admin/kyc/{user.pk}/reject", {"reason": "x"}, format="json", HTTP_X_REQUEST_ID="abc", REMOTE_ADDR="::1"
    )
    assert answer.status_code == 404
    assert not AuditRecord.objects.exists(), "a refusal leaves nothing"
    answer = client.patch(
        f"/api/admin/rules/{NEW_ADDRESS.code}",
        {"enabled": True, "reason": "As it was."},
        format="json",
        headers={"X-Request-ID": "abc", "User-Agent": "curl"},
        REMOTE_ADDR="2001:db8::1",
    )
    assert answer.status_code == 200
    written = AuditRecord.objects.get()
    assert (written.ip, written.user_agent, written.request_id) == ("2001:db8::1", "curl", "abc")
    assert written.entrance == "PATCH /api/admin/rules/<slug:rule_code>"


# What the database refuses


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE core_auditrecord SET reason = 'Nothing'", "core_auditrecord_append_only"),
        ("UPDATE core_auditrecord SET batch_id = NULL", "core_auditrecord_append_only"),
        ("UPDATE core_auditrecord SET batch_id = 1 WHERE batch_id IS NULL", "core_auditrecord_append_only"),
        ("DELETE FROM core_auditrecord", "core_auditrecord_append_only"),
        ("TRUNCATE core_auditrecord", "core_auditrecord_append_only_truncate"),
        ("UPDATE core_auditbatch SET records = 1", "core_auditbatch_append_only"),
        ("DELETE FROM core_auditbatch", "core_auditbatch_append_only"),
        ("TRUNCATE core_auditbatch CASCADE", "core_audit%_truncate"),
        ("UPDATE core_audithead SET number = 1", "core_audithead_moves_on"),
        ("UPDATE core_audithead SET number = 3", "core_audithead_moves_on"),
        ("DELETE FROM core_audithead", "core_audithead_stays"),
        ("TRUNCATE core_audithead", "core_audithead_stays_truncate"),
        (
            "INSERT INTO core_auditbatch SELECT number + 1, records, previous_hash, repeat('1', 64), mac, at "
            "FROM core_auditbatch ORDER BY number DESC LIMIT 1",
            "core_auditbatch_continues_head",
        ),
        (
            "INSERT INTO core_auditrecord (at, actor_role, action, subject_kind, subject_id, before, after, reason, "
            "ip, user_agent, request_id, entrance, digest, batch_id) "
            "VALUES (now(), '', 'x', 'x', 'x', '{}', '{}', '', '', '', '', '', '', 1)",
            "core_auditrecord_written_first",
        ),
    ],
)
def test_the_database_takes_nothing_back(sealed: list[AuditRecord], sql: str, constraint: str) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (AuditRecord, AuditBatch, AuditHead)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(sql)
    cause: Any = caught.value.__cause__
    head, _, tail = constraint.partition("%")
    assert cause.diag.constraint_name.startswith(head)
    assert cause.diag.constraint_name.endswith(tail)
    assert before == [list(model.objects.order_by("pk").values()) for model in (AuditRecord, AuditBatch, AuditHead)]


# What is proven


def test_a_trail_that_nobody_touched_is_whole(sealed: list[AuditRecord]) -> None:
    verdict = verify()
    assert (verdict.breaks, verdict.records, verdict.batches, verdict.unsealed) == ([], 5, 2, 1)
    assert verify(known_head=verdict.head).breaks == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE core_auditrecord SET reason = 'Nothing' WHERE id = %s", "record {0} (user_suspended"),
        ("UPDATE core_auditrecord SET actor_id = NULL WHERE id = %s", "record {0} (user_suspended"),
        ("UPDATE core_auditrecord SET digest = repeat('0', 64) WHERE id = %s", "record {0} (user_suspended"),
        ("DELETE FROM core_auditrecord WHERE id = %s", "batch 1 has 1 records, not 2"),
        ("UPDATE core_auditrecord SET batch_id = 2 WHERE id = %s", "batch 1 has 1 records, not 2"),
        ("UPDATE core_auditrecord SET id = 999999999 WHERE id = %s", "batch 1 does not have the records"),
        ("DELETE FROM core_auditbatch WHERE number = 1 AND %s > 0", "batch 1 is missing"),
        ("DELETE FROM core_auditbatch WHERE number = 2 AND %s > 0", "the chain ends at batch 1"),
        ("UPDATE core_auditbatch SET mac = '' WHERE number = 1 AND %s > 0", "batch 1 was not sealed with a key"),
        ("UPDATE core_auditbatch SET hash = mac WHERE number = 1 AND %s > 0", "batch 2 does not continue batch 1"),
        ("DELETE FROM core_audithead WHERE %s > 0", "its head says nothing"),
    ],
)
def test_what_was_forged_is_found_where_it_is(sealed: list[AuditRecord], sql: str, found: str) -> None:
    with transaction.atomic():
        forge(sql, sealed[0].pk)
        breaks = verify().breaks
        transaction.set_rollback(True)
    assert found.format(sealed[0].pk) in "\n".join(breaks)
    assert verify().breaks == []


def test_a_record_that_is_not_sealed_yet_is_proven_too(sealed: list[AuditRecord]) -> None:
    forge("UPDATE core_auditrecord SET reason = 'Nothing' WHERE id = %s", sealed[-1].pk)
    assert [break_.split(" (")[0] for break_ in verify().breaks] == [f"record {sealed[-1].pk}"]


def test_a_tail_that_was_cut_off_cleanly_lacks_the_head_that_was_written_down(
    sealed: list[AuditRecord], tmp_path: Path
) -> None:
    """Who cuts batch, records and head leaves a whole chain; only what is kept elsewhere tells."""
    kept = tmp_path / "head"
    call_command("verify_audit", head_file=kept, stdout=StringIO())
    forge("DELETE FROM core_auditrecord WHERE batch_id IS NULL OR batch_id = 2")
    forge("DELETE FROM core_auditbatch WHERE number = 2")
    forge("UPDATE core_audithead SET number = 1, hash = (SELECT hash FROM core_auditbatch)")
    assert verify().breaks == [], "control: by itself it looks whole"
    errors = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("verify_audit", head_file=kept, stderr=errors)
    assert caught.value.returncode == 1
    assert "batch 2, which was the head once, is not in the chain" in errors.getvalue()


def test_the_command_tells_the_head(sealed: list[AuditRecord]) -> None:
    printed = StringIO()
    call_command("verify_audit", stdout=printed)
    assert printed.getvalue().splitlines()[-1] == str(AuditHead.objects.get())
    assert "5 records, 1 of them not sealed yet" in printed.getvalue()
    with pytest.raises(CommandError):
        call_command("verify_audit", "--head", "nonsense")


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_seals(admin: User, user: User) -> None:
    services.suspend_user(user_id=user.pk, actor_id=admin.pk)
    assert sorted(at_once([seal_records, seal_records])) == [0, 1]
    assert verify().breaks == []
