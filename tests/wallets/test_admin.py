from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.factories.wallets import balance_of, fund, withdraw
from wallets.models import (
    Adjustment,
    Deposit,
    DepositStatus,
    Entry,
    SystemRollup,
    Transfer,
    UnrolledEntry,
    Wallet,
    Withdrawal,
    WithdrawalStatus,
)
from wallets.services import request_adjustment, request_deposit, roll_up_system_accounts

pytestmark = pytest.mark.django_db

_MODELS = (
    "wallet", "transfer", "entry", "systemrollup", "unrolledentry", "deposit", "withdrawal", "withdrawaladdress",
    "adjustment",
)  # fmt: skip


@pytest.fixture
def pages_of() -> Callable[[User], Client]:
    def make(staff: User) -> Client:
        client = Client()
        client.force_login(staff)
        return client

    return make


def run(client: Client, action: str, row: Any, **fields: str) -> str:
    """Tick one row of its list, run the action, and return the page that follows."""
    address = reverse(f"admin:wallets_{row._meta.model_name}_changelist")
    answer = client.post(
        address, {"action": action, "_selected_action": str(row.pk), "reason": "Seen.", **fields}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("model", _MODELS)
@pytest.mark.parametrize("role", ["support", "admin"])
def test_staff_can_look_at_everything(
    funded: User, stranger: User, pages_of: Callable[[User], Client], model: str, role: str
) -> None:
    stranger.role = role
    stranger.save()
    withdraw(funded, 1)
    client = pages_of(stranger)
    address = reverse(f"admin:wallets_{model}_changelist")
    assert client.get(address).status_code == 200
    searched = {} if model in {"systemrollup", "unrolledentry"} else {"q": "no-such"}
    assert client.get(address, searched).status_code == 200


@pytest.mark.parametrize("model", [Wallet, Transfer, Entry, SystemRollup, UnrolledEntry, Deposit, Withdrawal])
def test_staff_can_open_every_row(
    funded: User, support: User, pages_of: Callable[[User], Client], model: type[Model]
) -> None:
    roll_up_system_accounts()
    fund(funded, 1)
    withdraw(funded, 1)
    row = model.objects.first()  # type: ignore[attr-defined]
    page = pages_of(support).get(reverse(f"admin:wallets_{model._meta.model_name}_change", args=[row.pk]))
    assert page.status_code == 200
    assert str(row) in page.content.decode()


@pytest.mark.parametrize("model", ["wallet", "transfer", "entry", "deposit", "withdrawal"])
def test_money_cannot_be_edited(funded: User, admin_user: User, pages_of: Callable[[User], Client], model: str) -> None:
    client = pages_of(admin_user)
    assert client.get(reverse(f"admin:wallets_{model}_add")).status_code == 403
    for page in ("change", "delete"):
        address = reverse(f"admin:wallets_{model}_{page}", args=[funded.id])
        assert client.post(address, {"available": "5000"}).status_code in {302, 403}
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_an_admin_approves_a_withdrawal(funded: User, admin_user: User, pages_of: Callable[[User], Client]) -> None:
    withdrawal = withdraw(funded, 100)
    assert "done." in run(pages_of(admin_user), "approve", withdrawal)
    withdrawal.refresh_from_db()
    assert withdrawal.status == WithdrawalStatus.CONFIRMED
    assert balance_of(funded) == (Decimal(899), Decimal(0))


def test_an_admin_rejects_a_withdrawal_and_says_why(
    funded: User, admin_user: User, pages_of: Callable[[User], Client]
) -> None:
    withdrawal = withdraw(funded, 100)
    client = pages_of(admin_user)
    assert "Say why" in run(client, "reject", withdrawal, reason="  ")
    assert balance_of(funded) == (Decimal(899), Decimal(101))
    run(client, "reject", withdrawal, reason="Unknown address")
    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.reason) == (WithdrawalStatus.REJECTED, "Unknown address")
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_a_refused_action_says_so(funded: User, admin_user: User, pages_of: Callable[[User], Client]) -> None:
    withdrawal = withdraw(funded, 100)
    client = pages_of(admin_user)
    run(client, "approve", withdrawal)
    assert "This was decided already." in run(client, "approve", withdrawal)
    assert balance_of(funded) == (Decimal(899), Decimal(0))


def test_support_is_offered_no_decision(funded: User, support: User, pages_of: Callable[[User], Client]) -> None:
    withdrawal = withdraw(funded, 100)
    client = pages_of(support)
    for action in ("approve", "reject"):
        run(client, action, withdrawal, reason="No")
    assert Withdrawal.objects.get().status == WithdrawalStatus.PENDING
    assert balance_of(funded) == (Decimal(899), Decimal(101))


def test_an_admin_confirms_a_deposit_or_rejects_it(
    user: User, admin_user: User, pages_of: Callable[[User], Client], settings: Settings
) -> None:
    settings.PRODUCTION = True
    arrived, missing = (request_deposit(user=user, amount=Decimal(amount)) for amount in (70, 30))
    settings.PRODUCTION = False
    run(pages_of(admin_user), "confirm", arrived)
    run(pages_of(admin_user), "reject", missing, reason="Never arrived")
    assert Deposit.objects.get(pk=arrived.pk).status == DepositStatus.CONFIRMED
    assert Deposit.objects.get(pk=missing.pk).status == DepositStatus.REJECTED
    assert balance_of(user) == (Decimal(70), Decimal(0))


def test_an_adjustment_cannot_be_edited(funded: User, admin_user: User, pages_of: Callable[[User], Client]) -> None:
    fund(funded, 1)
    asked = request_adjustment(user=funded, amount=Decimal(5), reason="Goodwill", actor=admin_user)
    client = pages_of(admin_user)
    assert client.post(reverse("admin:wallets_adjustment_change", args=[asked.pk]), {"amount": "9"}).status_code == 403
    assert client.post(reverse("admin:wallets_adjustment_delete", args=[asked.pk]), {"post": "yes"}).status_code == 403
    assert Adjustment.objects.get().amount == Decimal(5)
