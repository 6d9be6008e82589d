"""What the database refuses, whatever the program says."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from disputes.models import Dispute
from disputes.services import resolve_dispute
from tests.disputes.snapshots import everything

pytestmark = pytest.mark.django_db

_NOW = "statement_timestamp()"


def refused(sql: str, *parameters: Any) -> str:
    """The constraint that refuses the statement, which leaves no trace."""
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE needs that nothing is pending
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            cursor.execute(sql, parameters)
    assert everything() == before
    cause: Any = caught.value.__cause__
    return str(cause.diag.constraint_name)


_CLOCKS_STOP = "staff_due_at = NULL, seller_due_at = NULL"
_RESOLVED = f"status = 'resolved', closed_at = {_NOW}, {_CLOCKS_STOP}"
_BY_ADMIN = "resolved_by_id = %(admin)s"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("opened_by = 'staff'", "opener_known"),
        ("opened_by = 'system', reason = 'other'", "opener_known"),
        ("reason = 'because'", "reason_known"),
        ("status = 'in_review'", "review_has_assignee"),
        ("assignee_id = %(admin)s", "review_has_assignee"),
        ("status = 'lost'", "lives_or_is_closed"),
        (f"closed_at = {_NOW}", "lives_or_is_closed"),
        ("status = 'withdrawn'", "lives_or_is_closed"),
        (f"status = 'withdrawn', closed_at = {_NOW}", "lives_or_is_closed"),
        ("staff_due_at = NULL", "lives_or_is_closed"),
        (f"status = 'withdrawn', closed_at = {_NOW}, {_CLOCKS_STOP}, opened_by = 'system'", "withdrawn_by_party"),
        ("resolution = 'refund', buyer_amount = 0", "resolved_means_ruled"),
        (_RESOLVED, "resolved_means_ruled"),
        (f"{_RESOLVED}, resolution = 'refund', buyer_amount = 0", "resolved_means_ruled"),
        (f"{_RESOLVED}, resolution = 'refund', buyer_amount = 1, {_BY_ADMIN}", "resolved_means_ruled"),
        (f"{_RESOLVED}, resolution = 'refund', {_BY_ADMIN}", "resolved_means_ruled"),
        (f"{_RESOLVED}, resolution = 'split', buyer_amount = 0, {_BY_ADMIN}", "resolved_means_ruled"),
        (f"{_RESOLVED}, buyer_amount = 1, {_BY_ADMIN}", "resolved_means_ruled"),
        (
            f"{_RESOLVED}, after_end = true, resolution = 'refund', buyer_amount = 0, {_BY_ADMIN}",
            "resolved_means_ruled",
        ),
        (f"{_RESOLVED}, finding = 'buyer', {_BY_ADMIN}", "resolved_means_ruled"),
    ],
)
def test_a_dispute_that_contradicts_itself_is_refused(
    dispute: Dispute, admin_user: User, change: str, constraint: str
) -> None:
    sql = f"UPDATE disputes_dispute SET {change}".replace("%(admin)s", f"'{admin_user.id}'")  # noqa: S608
    assert refused(sql).removeprefix("disputes_dispute_") == constraint


def test_a_second_live_dispute_is_refused(dispute: Dispute) -> None:
    sql = """
        INSERT INTO disputes_dispute
            (id, trade_id, opened_by, reason, status, created_at, version, after_end, warned, staff_due_at)
        SELECT gen_random_uuid(), trade_id, 'seller', 'other', 'open', created_at, 1, false, '{}', created_at
        FROM disputes_dispute
    """
    assert refused(sql) == "disputes_dispute_one_live"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE disputes_dispute SET resolution = 'release', buyer_amount = 100",
        "UPDATE disputes_dispute SET status = 'open', closed_at = NULL, resolution = NULL, buyer_amount = NULL",
        "DELETE FROM disputes_dispute",
    ],
)
def test_a_ruling_cannot_be_rewritten(dispute: Dispute, admin_user: User, sql: str) -> None:
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No payment came")
    assert refused(sql) == "disputes_dispute_closed_is_final"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE disputes_disputeentry SET note = 'I never paid.'",
        "DELETE FROM disputes_disputeentry",
        "TRUNCATE disputes_disputeentry CASCADE",
    ],
)
def test_what_was_said_stays_said(dispute: Dispute, sql: str) -> None:
    assert refused(sql) == "disputes_disputeentry_append_only"


@pytest.mark.parametrize(
    ("action", "actor", "constraint"),
    [
        ("bribed", "system", "action_known"),
        ("comment", "staff", "people_have_names"),
        ("comment", "nobody", "people_have_names"),
        ("note", "system", "notes_stay_inside"),
    ],
)
def test_an_entry_that_nobody_could_have_made_is_refused(
    dispute: Dispute, action: str, actor: str, constraint: str
) -> None:
    sql = f"""
        INSERT INTO disputes_disputeentry (dispute_id, action, actor, note, internal, at)
        VALUES (%s, %s, %s, '', false, {_NOW})
    """  # noqa: S608
    assert refused(sql, dispute.id, action, actor) == f"disputes_disputeentry_{constraint}"
