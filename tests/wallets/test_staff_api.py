"""Deposits and withdrawals as staff decide on them over REST."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import Role, User
from accounts.trust.flags import clear_flag
from tests.e2e.world import flag
from tests.factories.accounts import auth_client, make_user
from tests.factories.wallets import balance_of, fund, withdraw
from wallets.audit import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> APIClient:
    return auth_client(make_user(role=Role.ADMIN))


@pytest.fixture
def user() -> User:
    user = make_user()
    fund(user, 100)
    return user


def test_an_admin_sends_a_withdrawal(admin: APIClient, user: User) -> None:
    withdrawal = withdraw(user, 40)
    answer = admin.post(f"/api/admin/withdrawals/{withdrawal.pk}/approve")
    assert (answer.status_code, answer.json()["status"], answer.json()["user"]) == (200, "confirmed", str(user.pk))
    assert balance_of(user) == (100 - 40 - withdrawal.fee, 0)
    assert audit() == []


def test_a_rejected_withdrawal_comes_back_with_its_reason(admin: APIClient, user: User) -> None:
    withdrawal = withdraw(user, 40)
    answer = admin.post(f"/api/admin/withdrawals/{withdrawal.pk}/reject", {"reason": "unknown address"}, format="json")
    assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (
        200,
        "rejected",
        "unknown address",
    )
    assert balance_of(user) == (100, 0)


@pytest.mark.parametrize(("role", "listed"), [(Role.SUPPORT, 200), (Role.USER, 403)])
def test_only_an_admin_moves_money(user: User, role: Role, listed: int) -> None:
    withdrawal = withdraw(user, 40)
    before = balance_of(user)
    client = auth_client(make_user(role=role))
    assert client.get("/api/admin/withdrawals?status=pending").status_code == listed
    assert client.post(f"/api/admin/withdrawals/{withdrawal.pk}/approve").status_code == 403
    assert balance_of(user) == before


def test_staff_find_what_waits(admin: APIClient, user: User) -> None:
    withdraw(user, 10)
    assert len(admin.get(f"/api/admin/withdrawals?status=pending&user={user.pk}").json()["results"]) == 1
    assert admin.get(f"/api/admin/withdrawals?status=sent&user={user.pk}").json()["results"] == []
    assert len(admin.get(f"/api/admin/deposits?status=confirmed&user={user.pk}").json()["results"]) == 1
    assert admin.get("/api/admin/deposits?status=lost").status_code == 400


def test_nobody_decides_about_his_own_money() -> None:
    owner = make_user(role=Role.ADMIN)
    fund(owner, 100)
    withdrawal = withdraw(owner, 40)
    before = balance_of(owner)
    for decision in ("approve", "reject"):
        answer = auth_client(owner).post(
            f"/api/admin/withdrawals/{withdrawal.pk}/{decision}", {"reason": "mine"}, format="json"
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "second_person_required")
    assert balance_of(owner) == before
    withdrawal.refresh_from_db()
    assert withdrawal.status == "pending"


def test_who_decides_sees_what_is_open_against_the_owner(admin: APIClient, user: User) -> None:
    """Of the one who withdraws, by one more query for the whole list; what was cleared isn't held against him."""
    withdrawal = withdraw(user, 40)
    raised = flag(user, withdrawal.pk)
    flag(make_user(), uuid4())
    (shown,) = admin.get("/api/admin/withdrawals").json()["results"]
    assert [(each["id"], each["because"]) for each in shown["flags"]] == [(str(raised.pk), raised.because)]
    assert admin.post(f"/api/admin/withdrawals/{withdrawal.pk}/approve").json()["flags"] == shown["flags"]
    clear_flag(flag_id=raised.pk, actor=make_user(role=Role.SUPPORT))
    assert admin.get("/api/admin/withdrawals").json()["results"][0]["flags"] == []
