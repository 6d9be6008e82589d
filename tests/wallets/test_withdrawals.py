from decimal import Decimal

import pytest
from pytest_django import Settings

from accounts.models import User
from iqx.core.errors import Invalid, LimitExceeded, NotAllowed
from iqx.core.events import events_since, user_stream
from tests.factories.wallets import ADDRESS, balance_of, fund, withdraw
from wallets.audit import audit
from wallets.errors import InsufficientFunds, MoneyRequestNotFound, NetworkUnavailable, WrongRequestStatus
from wallets.models import SystemAccount, Transfer, Withdrawal, WithdrawalStatus
from wallets.selectors import system_balance
from wallets.services import approve_withdrawal, cancel_withdrawal, reject_withdrawal, request_withdrawal
from wallets.withdrawal_states import LOCKING, TRANSITIONS, Action

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(funded: User) -> Withdrawal:
    """Of 100, with a fee of 1, from 1,000."""
    return withdraw(funded, 100)


def test_a_withdrawal_locks_its_amount_and_its_fee(funded: User, pending: Withdrawal) -> None:
    assert (pending.status, pending.fee) == (WithdrawalStatus.PENDING, Decimal(1))
    assert balance_of(funded) == (Decimal(899), Decimal(101))
    assert audit() == []


def test_an_approved_withdrawal_is_sent_and_confirmed(funded: User, pending: Withdrawal, admin_user: User) -> None:
    approve_withdrawal(withdrawal_id=pending.id, actor=admin_user)
    pending.refresh_from_db()
    assert pending.status == WithdrawalStatus.CONFIRMED
    assert len(pending.tx_hash) == 66
    assert pending.reviewed_by == admin_user
    assert balance_of(funded) == (Decimal(899), Decimal(0))
    assert system_balance(SystemAccount.CUSTODY) == Decimal(-900)
    assert system_balance(SystemAccount.WITHDRAWAL_FEES) == Decimal(1)
    assert audit() == []


def test_each_step_of_a_withdrawal_is_told(funded: User, pending: Withdrawal, admin_user: User) -> None:
    approve_withdrawal(withdrawal_id=pending.id, actor=admin_user)
    told = events_since(user_stream(funded.id), 2, 100)  # after the deposit's two
    assert [(event.type, event.data.get("status")) for event in told] == [
        ("withdrawal_updated", "pending"),
        ("wallet_updated", None),
        ("withdrawal_updated", "approved"),
        ("withdrawal_updated", "sent"),
        ("withdrawal_updated", "confirmed"),
        ("wallet_updated", None),
    ]


def test_without_a_fee_nothing_is_earned(funded: User, admin_user: User, settings: Settings) -> None:
    settings.WITHDRAWAL_FEE = Decimal(0)
    approve_withdrawal(withdrawal_id=withdraw(funded, 1000).id, actor=admin_user)
    assert balance_of(funded) == (Decimal(0), Decimal(0))
    assert system_balance(SystemAccount.WITHDRAWAL_FEES) == Decimal(0)
    assert audit() == []


def test_a_cancelled_withdrawal_gives_everything_back(funded: User, pending: Withdrawal) -> None:
    assert cancel_withdrawal(withdrawal_id=pending.id, user=funded).status == WithdrawalStatus.CANCELLED
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_a_rejected_withdrawal_gives_everything_back(funded: User, pending: Withdrawal, admin_user: User) -> None:
    reject_withdrawal(withdrawal_id=pending.id, actor=admin_user, reason="Unknown address")
    pending.refresh_from_db()
    assert (pending.status, pending.reason) == (WithdrawalStatus.REJECTED, "Unknown address")
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_a_stranger_cannot_cancel_a_withdrawal(funded: User, pending: Withdrawal, stranger: User) -> None:
    with pytest.raises(MoneyRequestNotFound):
        cancel_withdrawal(withdrawal_id=pending.id, user=stranger)
    assert balance_of(funded) == (Decimal(899), Decimal(101))


@pytest.mark.parametrize("role", ["user", "support"])
def test_only_an_admin_decides_on_withdrawals(funded: User, pending: Withdrawal, stranger: User, role: str) -> None:
    stranger.role = role
    with pytest.raises(NotAllowed):
        approve_withdrawal(withdrawal_id=pending.id, actor=stranger)
    with pytest.raises(NotAllowed):
        reject_withdrawal(withdrawal_id=pending.id, actor=stranger, reason="No")
    assert balance_of(funded) == (Decimal(899), Decimal(101))
    assert Withdrawal.objects.get(pk=pending.pk).status == WithdrawalStatus.PENDING


def test_a_suspended_admin_decides_nothing(funded: User, pending: Withdrawal, admin_user: User) -> None:
    admin_user.is_active = False
    with pytest.raises(NotAllowed):
        approve_withdrawal(withdrawal_id=pending.id, actor=admin_user)
    assert balance_of(funded) == (Decimal(899), Decimal(101))


def test_a_decided_withdrawal_stays_decided(funded: User, pending: Withdrawal, admin_user: User) -> None:
    approve_withdrawal(withdrawal_id=pending.id, actor=admin_user)
    with pytest.raises(WrongRequestStatus) as refusal:
        cancel_withdrawal(withdrawal_id=pending.id, user=funded)
    assert refusal.value.extra == {"current_status": "confirmed"}
    with pytest.raises(WrongRequestStatus):
        reject_withdrawal(withdrawal_id=pending.id, actor=admin_user, reason="Late")
    with pytest.raises(WrongRequestStatus):
        approve_withdrawal(withdrawal_id=pending.id, actor=admin_user)
    assert balance_of(funded) == (Decimal(899), Decimal(0))


def test_a_withdrawal_needs_its_fee_too(funded: User) -> None:
    with pytest.raises(InsufficientFunds) as refusal:
        withdraw(funded, "999.000001")
    assert refusal.value.extra == {"available": "1000.000000"}
    assert not Withdrawal.objects.exists()
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    withdraw(funded, 999)
    assert balance_of(funded) == (Decimal(0), Decimal(1000))


def test_withdrawals_of_a_day_are_limited(funded: User, settings: Settings) -> None:
    settings.DAILY_LIMITS = {0: {"deposit": Decimal(0), "withdrawal": Decimal(100)}}
    cancel_withdrawal(withdrawal_id=withdraw(funded, 100).id, user=funded)
    withdraw(funded, 60)
    with pytest.raises(LimitExceeded) as refusal:
        withdraw(funded, 41)
    assert refusal.value.extra == {"limit": "100.000000", "used": "60.000000", "period_hours": 24}
    assert balance_of(funded) == (Decimal(939), Decimal(61))


@pytest.mark.parametrize("address", ["0x", "a1" * 20, "0x" + "g" * 40, "0x" + "a" * 39, ADDRESS + "\n", ADDRESS + "a"])
def test_an_address_that_is_none_is_refused(funded: User, address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        request_withdrawal(user=funded, amount=Decimal(1), address=address)
    assert refusal.value.field == "address"
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


@pytest.mark.parametrize(("network", "production"), [("tron", False), ("sandbox", True)])
def test_a_network_that_is_not_configured_is_refused(
    funded: User, network: str, production: bool, settings: Settings
) -> None:
    settings.PRODUCTION = production
    with pytest.raises(NetworkUnavailable):
        request_withdrawal(user=funded, amount=Decimal(1), address=ADDRESS, network=network)
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    assert not Withdrawal.objects.exists()


def test_play_money_cannot_be_approved_in_production(
    funded: User, pending: Withdrawal, admin_user: User, settings: Settings
) -> None:
    settings.PRODUCTION = True
    with pytest.raises(NetworkUnavailable):
        approve_withdrawal(withdrawal_id=pending.id, actor=admin_user)
    assert balance_of(funded) == (Decimal(899), Decimal(101))


def test_money_is_locked_in_exactly_the_statuses_that_have_a_way_on() -> None:
    assert {status for status, _ in TRANSITIONS} == set(LOCKING)
    assert set(WithdrawalStatus) - set(LOCKING) <= set(TRANSITIONS.values())
    assert {action for _, action in TRANSITIONS} == set(Action)


def test_a_withdrawal_is_settled_once(funded: User, pending: Withdrawal) -> None:
    cancel_withdrawal(withdrawal_id=pending.id, user=funded)
    fund(funded, 1)
    assert Transfer.objects.filter(ref_id=pending.id).count() == 2
