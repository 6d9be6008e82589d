"""What staff do by `/api/admin`: who may do what, what takes two, what takes a code, and that all of it is written."""

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Approval, Role, User
from iqx.core.audit.chain import seal_records, verify
from iqx.core.models import AuditRecord
from orders.models import Market
from tests.e2e.document import operations
from tests.e2e.snapshot import snapshot
from tests.e2e.world import GOOD_BODIES, World, make_world
from tests.factories.accounts import auth_client, code_of, make_user, with_two_factor
from tests.factories.orders import SYMBOL, make_market, place
from tests.factories.wallets import balance_of, fund, withdraw
from wallets.audit import audit

pytestmark = pytest.mark.django_db

CHANGES = [operation for operation in operations() if operation.is_for_staff and operation.method != "GET"]
MONEY = {
    "POST /api/admin/adjustments",
    "POST /api/admin/adjustments/{adjustment_id}/approve",
    "POST /api/admin/adjustments/{adjustment_id}/reject",
    "POST /api/admin/approvals/{approval_id}/approve",
    "POST /api/admin/approvals/{approval_id}/refuse",
    "POST /api/admin/deposits/{deposit_id}/confirm",
    "POST /api/admin/deposits/{deposit_id}/reject",
    "POST /api/admin/disputes/{dispute_id}/confirm",
    "POST /api/admin/disputes/{dispute_id}/resolve",
    "POST /api/admin/markets/{symbol}/halt",
    "POST /api/admin/markets/{symbol}/resume",
    "PATCH /api/admin/markets/{symbol}",
    "POST /api/admin/orders/{order_id}/cancel",
    "PATCH /api/admin/rules/{rule_code}",
    "POST /api/admin/users/{user_id}/role",
    "POST /api/admin/withdrawals/{withdrawal_id}/approve",
    "POST /api/admin/withdrawals/{withdrawal_id}/reject",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(db: None) -> User:
    return make_user(role=Role.ADMIN)


def post(client: APIClient, path: str, **body: Any) -> Any:
    return client.post(f"/api/admin/{path}", body, format="json")


def good_body(operation: str, world: World) -> dict[str, Any]:
    body = GOOD_BODIES.get(operation, {})
    return body | {"user": str(world.bob.pk)} if "user" in body else body


def statuses(client: APIClient, world: World, names: set[str] | None = None) -> dict[str, int]:
    asked = [operation for operation in CHANGES if names is None or str(operation) in names]
    return {
        str(operation): getattr(client, operation.method.lower())(
            world.path(operation.path), good_body(str(operation), world), format="json"
        ).status_code
        for operation in asked
    }


def test_an_auditor_reads_everything_and_changes_nothing(world: World) -> None:
    auditor = auth_client(make_user(role=Role.AUDITOR))
    before = snapshot()
    assert set(statuses(auditor, world).values()) == {403}
    assert snapshot() == before
    for operation in operations():
        if operation.is_for_staff and operation.method == "GET":
            assert auditor.get(world.path(operation.path)).status_code == 200, operation


def test_support_moves_no_money_and_makes_nobody_staff(world: World) -> None:
    support = auth_client(make_user(role=Role.SUPPORT))
    before = snapshot()
    assert statuses(support, world, MONEY) == dict.fromkeys(MONEY, 403)
    assert snapshot() == before


def test_staff_need_a_second_factor_where_the_settings_say_so(world: World, settings: Settings) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    client = auth_client(world.admin)
    for operation in operations():
        if operation.is_for_staff and operation.method == "GET" and "{dispute_id}" not in operation.path:
            answer = client.get(world.path(operation.path))
            assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed"), operation


def test_a_person_is_found_suspended_and_let_in_again(admin: User) -> None:
    ann = make_user(email="ann.larch@iqx.example", display_name="Ann L")
    make_user(email="bob@iqx.example")
    client = auth_client(make_user(role=Role.SUPPORT))
    for query in (f"search={ann.pk}", "search=ANN.l", "search=nn%20l", "search=ann&kyc_status=none&suspended=false"):
        found = client.get(f"/api/admin/users?{query}").json()["results"]
        assert [row["email"] for row in found] == [ann.email], query
    session = auth_client(ann)
    assert post(client, f"users/{ann.pk}/suspend", reason="She shouts.").json()["suspended"]
    assert session.get("/api/v1/auth/me").status_code == 401
    assert client.get("/api/admin/users?suspended=true").json()["results"][0]["id"] == str(ann.pk)
    assert not post(client, f"users/{ann.pk}/unsuspend", reason="She stopped.").json()["suspended"]
    auth_client(ann)
    assert post(client, f"users/{ann.pk}/logout", reason="A lost phone.").json() == {"sessions": 1}
    assert client.get(f"/api/admin/users/{ann.pk}").json()["suspended"] is False
    assert post(client, f"users/{ann.pk}/suspend").status_code == 400, "there is always a reason"


def test_a_role_takes_two_admins(admin: User) -> None:
    ann, other = make_user(), make_user(role=Role.ADMIN)
    asked = post(auth_client(admin), f"users/{ann.pk}/role", role="support", reason="She is hired.")
    assert (asked.status_code, asked.json()["status"]) == (202, "pending")
    path = f"approvals/{asked.json()['id']}"
    own = post(auth_client(admin), f"{path}/approve")
    assert (own.status_code, own.json()["code"]) == (422, "second_person_required")
    again = post(auth_client(other), f"users/{ann.pk}/role", role="admin", reason="Me too.")
    assert (again.status_code, again.json()["code"]) == (409, "approval_asked_before")
    assert post(auth_client(other), f"{path}/approve", note="I know her.").json()["status"] == "approved"
    ann.refresh_from_db()
    assert ann.role == Role.SUPPORT
    assert [row["id"] for row in auth_client(ann).get("/api/admin/approvals?status=approved").json()["results"]] == [
        asked.json()["id"]
    ]


def test_money_takes_a_fresh_code_of_who_has_a_second_factor(admin: User) -> None:
    owner = make_user()
    fund(owner, 100)
    withdrawal = withdraw(owner, 40)
    held = balance_of(owner)
    secret = with_two_factor(admin)
    client = auth_client(admin)
    path = f"withdrawals/{withdrawal.pk}/approve"
    assert post(client, path).json()["code"] == "otp_required"
    assert post(client, path, otp="000000").json()["code"] == "otp_invalid"
    assert balance_of(owner) == held
    assert post(client, path, otp=code_of(secret)).json()["status"] == "confirmed"
    assert audit() == []


def test_an_adjustment_by_two(admin: User) -> None:
    owner, other = make_user(), make_user(role=Role.ADMIN)
    fund(owner, 100)
    asked = post(
        auth_client(admin), "adjustments", user=str(owner.pk), direction="take", amount="30", reason="Paid twice"
    ).json()
    assert (asked["amount"], asked["status"], balance_of(owner)[0]) == ("-30.000000", "pending", 100)
    assert post(auth_client(admin), f"adjustments/{asked['id']}/approve").json()["code"] == "second_person_required"
    made = post(auth_client(other), f"adjustments/{asked['id']}/approve").json()
    assert (made["status"], made["decided_by"]["id"], balance_of(owner)[0]) == ("approved", str(other.pk), 70)
    assert audit() == []


def test_a_market_is_changed_halted_and_resumed(admin: User) -> None:
    make_market()
    client = auth_client(admin)
    changed = client.patch(f"/api/admin/markets/{SYMBOL}", {"maker_fee": "0.002", "reason": "New fees."}, format="json")
    assert (changed.status_code, changed.json()["maker_fee"]) == (200, "0.002")
    before = Market.objects.values().get()
    wrong = client.patch(
        f"/api/admin/markets/{SYMBOL}", {"min_amount": "9", "max_amount": "1", "reason": "A slip."}, format="json"
    )
    assert wrong.status_code == 400
    assert Market.objects.values().get() == before
    assert post(client, f"markets/{SYMBOL}/halt", reason="Odd prices.").json()["status"] == "halted"
    assert post(client, f"markets/{SYMBOL}/resume", reason="All well.").json()["status"] == "trading"
    told = AuditRecord.objects.order_by("pk").values_list("before", "after", "reason")
    assert list(told)[:2] == [
        ({"maker_fee": str(Decimal("0.00000"))}, {"maker_fee": "0.002"}, "New fees."),
        ({"status": "trading"}, {"status": "halted"}, "Odd prices."),
    ]


def test_an_order_of_somebody_is_ended(admin: User) -> None:
    make_market()
    owner = make_user()
    fund(owner, 100)
    order, _ = place(owner, "sell", 2, 10)
    client = auth_client(admin)
    assert client.get(f"/api/admin/orders?user={owner.pk}").json()["results"][0]["owner"]["id"] == str(owner.pk)
    assert post(client, f"orders/{order.pk}/cancel", reason="He asked.").json()["status"] == "cancelled"
    assert balance_of(owner) == (100, 0)


def test_admins_and_auditors_read_the_trail_and_support_does_not(admin: User) -> None:
    ann, support = make_user(), make_user(role=Role.SUPPORT)
    post(auth_client(support), f"users/{ann.pk}/suspend", reason="She shouts.")
    seal_records()
    assert auth_client(support).get("/api/admin/audit").status_code == 403
    for reader in (admin, make_user(role=Role.AUDITOR)):
        for query in (f"user={ann.pk}", f"actor={support.pk}", f"subject={ann.pk}", "action=user_suspended"):
            (row,) = auth_client(reader).get(f"/api/admin/audit?{query}").json()["results"]
            assert (row["actor"], row["before"], row["after"]) == (
                str(support.pk),
                {"is_active": True},
                {"is_active": False},
            )
            assert (row["reason"], row["batch"], row["ip"]) == ("She shouts.", 1, "127.0.0.1")
            assert row["entrance"] == "POST /api/admin/users/<uuid:user_id>/suspend"
    assert auth_client(admin).get("/api/admin/audit?user=nobody").status_code == 400
    assert verify().breaks == []


def test_what_waits_is_counted(world: World) -> None:
    stats = auth_client(world.admin).get("/api/admin/stats").json()
    assert {name: queue["waiting"] for name, queue in stats["queues"].items()} == {
        "disputes": 1, "withdrawals": 1, "deposits": 0, "adjustments": 1, "kyc": 1, "tickets": 1, "flags": 1,
        "approvals": Approval.objects.count(),
    }  # fmt: skip
    assert stats["last_24h"]["users"] == User.objects.count()
    assert (stats["last_24h"]["trades"], stats["last_24h"]["orders"] > 3) == (2, True)


def test_staff_have_a_document_of_their_own(admin: User) -> None:
    client = auth_client(admin)
    paths = client.get("/api/admin/schema").json()["paths"]
    assert "/api/admin/users" in paths
    assert {path.startswith("/api/admin/") for path in paths} == {True}
    public = client.get("/api/v1/schema").json()["paths"]
    assert not any(path.startswith("/api/admin/") for path in public)
    assert auth_client(make_user()).get("/api/admin/schema").status_code == 403
