from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from accounts.models import User
from iqx.core import clock
from iqx.core.errors import LimitExceeded, NotAllowed
from iqx.core.events import events_since, user_stream
from iqx.core.ids import new_id
from tests.factories.wallets import balance_of, fund
from wallets.errors import MoneyRequestNotFound, WrongRequestStatus
from wallets.models import Deposit, DepositStatus, Transfer
from wallets.services import confirm_deposit, reject_deposit, request_deposit

pytestmark = pytest.mark.django_db


def types_of_events(user: User) -> list[str]:
    return [event.type for event in events_since(user_stream(user.id), 0, 100)]


@pytest.fixture
def pending(user: User, settings: Settings) -> Deposit:
    settings.PRODUCTION = True
    return request_deposit(user=user, amount=Decimal(70))


def test_a_sandbox_deposit_is_credited_at_once(user: User) -> None:
    deposit = fund(user, 70)
    assert (deposit.status, deposit.network) == (DepositStatus.CONFIRMED, "sandbox")
    assert balance_of(user) == (Decimal(70), Decimal(0))
    assert types_of_events(user) == ["deposit_updated", "wallet_updated"]


def test_in_production_a_deposit_waits_for_staff(user: User, pending: Deposit) -> None:
    assert (pending.status, pending.network) == (DepositStatus.PENDING, "manual")
    assert balance_of(user) == (Decimal(0), Decimal(0))
    assert types_of_events(user) == ["deposit_updated"]


def test_a_confirmed_deposit_is_credited_once(user: User, pending: Deposit, admin_user: User) -> None:
    confirm_deposit(deposit_id=pending.id, actor=admin_user)
    assert balance_of(user) == (Decimal(70), Decimal(0))
    with pytest.raises(WrongRequestStatus) as refusal:
        confirm_deposit(deposit_id=pending.id, actor=admin_user)
    assert refusal.value.extra == {"current_status": "confirmed"}
    assert balance_of(user) == (Decimal(70), Decimal(0))
    assert types_of_events(user) == ["deposit_updated", "deposit_updated", "wallet_updated"]
    assert Deposit.objects.get(pk=pending.pk).reviewed_by == admin_user


def test_a_rejected_deposit_moves_nothing(user: User, pending: Deposit, admin_user: User) -> None:
    reject_deposit(deposit_id=pending.id, actor=admin_user, reason="Never arrived")
    pending.refresh_from_db()
    assert (pending.status, pending.reason) == (DepositStatus.REJECTED, "Never arrived")
    with pytest.raises(WrongRequestStatus):
        confirm_deposit(deposit_id=pending.id, actor=admin_user)
    assert not Transfer.objects.exists()


def test_support_cannot_decide_on_deposits(user: User, pending: Deposit, support: User) -> None:
    with pytest.raises(NotAllowed):
        confirm_deposit(deposit_id=pending.id, actor=support)
    with pytest.raises(NotAllowed):
        reject_deposit(deposit_id=pending.id, actor=support, reason="No")
    pending.refresh_from_db()
    assert pending.status == DepositStatus.PENDING
    assert not Transfer.objects.exists()


def test_an_unknown_deposit_is_not_found(admin_user: User) -> None:
    with pytest.raises(MoneyRequestNotFound):
        confirm_deposit(deposit_id=new_id(), actor=admin_user)


def test_deposits_of_a_day_are_limited(user: User, settings: Settings) -> None:
    settings.DAILY_LIMITS = {0: {"deposit": Decimal(100), "withdrawal": Decimal(100)}}
    fund(user, 60)
    with pytest.raises(LimitExceeded) as refusal:
        fund(user, "40.000001")
    assert refusal.value.extra == {"limit": "100.000000", "used": "60.000000", "period_hours": 24}
    assert balance_of(user) == (Decimal(60), Decimal(0))
    fund(user, 40)
    assert balance_of(user) == (Decimal(100), Decimal(0))


def test_a_deposit_of_yesterday_does_not_count(user: User, settings: Settings) -> None:
    settings.DAILY_LIMITS = {0: {"deposit": Decimal(100), "withdrawal": Decimal(100)}}
    Deposit.objects.filter(pk=fund(user, 100).pk).update(created_at=clock.now() - timedelta(hours=24))
    fund(user, 100)
    assert balance_of(user) == (Decimal(200), Decimal(0))


def test_a_rejected_deposit_does_not_count(user: User, pending: Deposit, admin_user: User, settings: Settings) -> None:
    settings.DAILY_LIMITS = {0: {"deposit": Decimal(70), "withdrawal": Decimal(100)}}
    reject_deposit(deposit_id=pending.id, actor=admin_user, reason="Never arrived")
    assert request_deposit(user=user, amount=Decimal(70)).status == DepositStatus.PENDING
