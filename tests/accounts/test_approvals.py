"""Four eyes: one of staff asks, another one lets it happen, and the database wants two people, too."""

import functools
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from accounts import approvals, services
from accounts.errors import ApprovalAskedBefore, ApprovalExpired, ApprovalWrongStatus, SecondPersonRequired
from accounts.models import Approval, Role, Session, User
from iqx.core.errors import DomainError, Invalid, NotAllowed, NotFound
from iqx.core.events import events_since, user_stream
from iqx.core.ids import new_id
from iqx.core.models import AuditRecord
from tests.accounts.conftest import Travel
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import log_in, make_user, with_two_factor
from tests.factories.racing import at_once
from tests.factories.wallets import balance_of, fund, withdraw
from wallets.audit import audit
from wallets.models import Withdrawal, WithdrawalStatus
from wallets.services import approve_withdrawal, cancel_withdrawal, reject_withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(db: None) -> User:
    return make_user(role=Role.ADMIN)


@pytest.fixture
def second(db: None) -> User:
    return make_user(role=Role.ADMIN)


@pytest.fixture
def asked(user: User, first: User, second: User) -> Approval:
    return services.ask_for_role(user_id=user.pk, actor_id=first.pk, role=Role.SUPPORT, reason="She is hired.")


def everything() -> str:
    return str({table: rows for table, rows in snapshot().items() if table.startswith(("accounts", "wallets", "core"))})


def called(person: User) -> list[str]:
    return [e.data["reason"] for e in events_since(user_stream(person.pk), 0, 50) if e.type == "staff_called"]


def test_a_role_takes_two(asked: Approval, user: User, first: User, second: User) -> None:
    session = log_in(user).session
    user.refresh_from_db()
    assert user.role == Role.USER, "asking changes nothing"
    assert (called(second), called(first)) == (["asked"], [])
    made = approvals.approve(approval_id=asked.pk, actor=second, note="I know her.")
    user.refresh_from_db()
    assert (user.role, made.status, made.decided_by) == (Role.SUPPORT, "approved", second)
    assert called(first) == ["decided"]
    session.refresh_from_db()
    assert session.end_reason == "revoked"
    told = list(AuditRecord.objects.order_by("pk").values_list("action", "actor_id", "after"))
    assert [action for action, *_ in told] == ["approval_requested", "approval_approved", "role_changed"]
    assert told[-1] == ("role_changed", second.pk, {"role": "support"})


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("first", SecondPersonRequired),
        ("him", NotAllowed),
        ("support", NotAllowed),
        ("auditor", NotAllowed),
        ("suspended", NotAllowed),
    ],
)
def test_who_may_not_decide_changes_nothing(
    asked: Approval, user: User, first: User, who: str, error: type[DomainError]
) -> None:
    actors = {
        "first": first,
        "him": user,
        "support": make_user(role=Role.SUPPORT),
        "auditor": make_user(role=Role.AUDITOR),
        "suspended": make_user(role=Role.ADMIN, is_active=False),
    }
    before = everything()
    for decide in (approvals.approve, approvals.refuse):
        with pytest.raises(error):
            decide(approval_id=asked.pk, actor=actors[who], note="Please.")
    assert everything() == before


def test_nobody_decides_about_himself(first: User, second: User) -> None:
    asked = services.ask_for_role(user_id=second.pk, actor_id=first.pk, role=Role.USER, reason="He left.")
    before = everything()
    with pytest.raises(SecondPersonRequired):
        approvals.refuse(approval_id=asked.pk, actor=second, note="No.")
    with pytest.raises(NotAllowed):
        services.ask_for_role(user_id=first.pk, actor_id=first.pk, role=Role.USER, reason="I leave.")
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'approved', due_at = NULL, decided_at = now(), decided_by_id = requested_by_id", "two_persons"),
        ("status = 'approved', due_at = NULL, decided_at = now(), decided_by_id = user_id", "by_others"),
        ("status = 'approved', due_at = NULL, decided_at = now()", "waits_or_is_decided"),
        ('payload = \'{"role": "admin"}\'', "stays"),
        ("requested_by_id = user_id", "stays"),
        ("expires_at = expires_at + interval '9 days'", "stays"),
    ],
)
def test_the_database_knows_four_eyes(asked: Approval, change: str, constraint: str) -> None:
    before = everything()
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_approval SET {change}")  # noqa: S608
    cause: Any = caught.value.__cause__
    assert cause.diag.constraint_name == f"accounts_approval_{constraint}"
    assert everything() == before


def test_what_was_decided_stays(asked: Approval, second: User) -> None:
    approvals.refuse(approval_id=asked.pk, actor=second, note="Who is that?")
    before = everything()
    with pytest.raises(ApprovalWrongStatus):
        approvals.approve(approval_id=asked.pk, actor=second)
    for sql in (
        "UPDATE accounts_approval SET note = ''",
        "DELETE FROM accounts_approval",
        "TRUNCATE accounts_approval",
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(sql)
    assert everything() == before
    with pytest.raises(NotFound):
        approvals.approve(approval_id=new_id(), actor=second)


def test_what_nobody_decides_on_expires_and_may_be_asked_again(
    asked: Approval, user: User, first: User, second: User, travel: Travel, settings: Settings
) -> None:
    with pytest.raises(ApprovalAskedBefore):
        services.ask_for_role(user_id=user.pk, actor_id=second.pk, role=Role.SUPPORT, reason="Me too.")
    assert approvals.expire_approvals() == 0
    travel.forward(seconds=settings.APPROVAL_SECONDS)
    with pytest.raises(ApprovalExpired):
        approvals.approve(approval_id=asked.pk, actor=second)
    assert approvals.expire_approvals() == 1
    asked.refresh_from_db()
    user.refresh_from_db()
    assert (asked.status, user.role, called(first)) == ("expired", Role.USER, ["decided"])
    services.ask_for_role(user_id=user.pk, actor_id=first.pk, role=Role.SUPPORT, reason="Again.")


def test_who_asked_may_take_it_back(asked: Approval, first: User, second: User) -> None:
    with pytest.raises(NotAllowed):
        approvals.take_back(approval_id=asked.pk, actor=second)
    assert approvals.take_back(approval_id=asked.pk, actor=first).status == "dropped"
    with pytest.raises(ApprovalWrongStatus):
        approvals.approve(approval_id=asked.pk, actor=second)


def test_a_second_factor_is_asked_for_with_a_reason(user: User, first: User, second: User) -> None:
    with_two_factor(user)
    support = make_user(role=Role.SUPPORT)
    with pytest.raises(Invalid):
        services.ask_for_two_factor_reset(user_id=user.pk, actor_id=support.pk, reason=" ")
    asked = services.ask_for_two_factor_reset(user_id=user.pk, actor_id=support.pk, reason="Seen by video.")
    approvals.approve(approval_id=asked.pk, actor=first)
    user.refresh_from_db()
    assert not user.two_factor


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_does() -> None:
    user, first = make_user(), make_user(role=Role.ADMIN)
    others = [make_user(role=Role.ADMIN) for _ in range(2)]
    asked = services.ask_for_role(user_id=user.pk, actor_id=first.pk, role=Role.SUPPORT, reason="She is hired.")
    calls = [functools.partial(approvals.approve, approval_id=asked.pk, actor=actor) for actor in others]
    assert sorted(type(outcome).__name__ for outcome in at_once(calls)) == ["Approval", "ApprovalWrongStatus"]
    assert AuditRecord.objects.filter(action="role_changed").count() == 1
    assert Session.objects.count() == 0


class TestLargeWithdrawals:
    @pytest.fixture(autouse=True)
    def low_limit(self, settings: Settings) -> None:
        settings.WITHDRAWAL_SECOND_PERSON_ABOVE = Decimal(50)

    @pytest.fixture
    def large(self, user: User) -> Withdrawal:
        fund(user, 100)
        return withdraw(user, 60)

    def test_take_two_admins(self, large: Withdrawal, user: User, first: User, second: User) -> None:
        held = balance_of(user)
        assert approve_withdrawal(withdrawal_id=large.pk, actor=first).status == "pending"
        assert balance_of(user) == held
        with pytest.raises(SecondPersonRequired):
            approve_withdrawal(withdrawal_id=large.pk, actor=first)
        assert balance_of(user) == held
        assert approve_withdrawal(withdrawal_id=large.pk, actor=second).status == "confirmed"
        large.refresh_from_db()
        assert (large.first_approved_by, large.reviewed_by) == (first, second)
        assert Approval.objects.get().status == "approved"
        assert audit() == []

    def test_are_sent_among_the_approvals_too(self, large: Withdrawal, user: User, first: User, second: User) -> None:
        approve_withdrawal(withdrawal_id=large.pk, actor=first)
        approvals.approve(approval_id=Approval.objects.get().pk, actor=second)
        large.refresh_from_db()
        assert large.status == WithdrawalStatus.CONFIRMED
        assert audit() == []

    def test_up_to_the_limit_one_is_enough(self, user: User, first: User) -> None:
        fund(user, 100)
        assert approve_withdrawal(withdrawal_id=withdraw(user, 50).pk, actor=first).status == "confirmed"

    def test_that_end_otherwise_need_nobody_any_more(self, user: User, first: User, second: User) -> None:
        fund(user, 200)
        for cancelled in (True, False):
            row = withdraw(user, 60)
            approve_withdrawal(withdrawal_id=row.pk, actor=first)
            if cancelled:
                cancel_withdrawal(withdrawal_id=row.pk, user=user)
            else:
                reject_withdrawal(withdrawal_id=row.pk, actor=second, reason="Unknown address")
            assert Approval.objects.get(subject_id=row.pk).status == "dropped"
        assert balance_of(user) == (200, 0)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("status = 'approved', reviewed_by_id = '{first}'", "approved_by_enough"),
            ("status = 'approved', reviewed_by_id = '{first}', first_approved_by_id = '{first}'", "four_eyes"),
            ("first_approved_by_id = user_id", "four_eyes"),
            ("needs_second = false", "stays"),
            ("amount = 1", "stays"),
            ("address = 'mine'", "stays"),
        ],
    )
    def test_the_database_wants_both(self, large: Withdrawal, first: User, change: str, constraint: str) -> None:
        before = everything()
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE wallets_withdrawal SET {change.format(first=first.pk)}")  # noqa: S608
        cause: Any = caught.value.__cause__
        assert cause.diag.constraint_name == f"wallets_withdrawal_{constraint}"
        assert everything() == before

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_approve_first_at_once_one_asks_and_one_sends_or_is_told(self) -> None:
        """Both may be needed: whoever is second sees what the first asked for, or finds that it was asked just now."""
        user, admins = make_user(), [make_user(role=Role.ADMIN) for _ in range(2)]
        fund(user, 100)
        row = withdraw(user, 60)
        at_once([functools.partial(approve_withdrawal, withdrawal_id=row.pk, actor=actor) for actor in admins])
        row.refresh_from_db()
        assert Approval.objects.count() == 1
        assert row.status == "pending" or row.first_approved_by != row.reviewed_by
        assert audit() == []
