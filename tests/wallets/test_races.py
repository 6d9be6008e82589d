"""Real threads, real commits; each race has a control that shows it happen with the row locks off."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, cast

import pytest
from pytest_django import Settings

from accounts.models import User
from iqx.core.transactions import unit_of_work
from tests.factories.racing import at_once
from tests.factories.wallets import balance_of, fund, withdraw
from wallets import ledger
from wallets.audit import audit
from wallets.models import Deposit, SystemAccount, UnrolledEntry, Withdrawal
from wallets.selectors import system_balance
from wallets.services import (
    approve_withdrawal,
    cancel_withdrawal,
    reject_withdrawal,
    roll_up_system_accounts,
    withdrawals,
)

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(calls: Sequence[Callable[[], Any]]) -> list[str]:
    return sorted(type(result).__name__ for result in at_once(calls))


Meet = Callable[[], None]


@pytest.fixture
def meet_before_posting(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """From its call on, two callers wait for each other when all their checks have passed, before either writes."""

    def arrange() -> None:
        barrier = threading.Barrier(2)

        def meet_and_post(*args: Any) -> None:
            barrier.wait(timeout=10)
            ledger.post(*args)

        monkeypatch.setattr(withdrawals, "post", meet_and_post)

    return arrange


def test_of_two_withdrawals_that_fit_only_once_one_is_taken(funded: User) -> None:
    assert outcomes([lambda: withdraw(funded, 600)] * 2) == ["InsufficientFunds", "Withdrawal"]
    assert balance_of(funded) == (Decimal(399), Decimal(601))
    assert audit() == []


def test_control_without_locks_both_withdrawals_pass_the_check(
    funded: User, without_locks: None, meet_before_posting: Meet
) -> None:
    """Neither is refused for lack of funds; only the ledger itself stops the second."""
    meet_before_posting()
    assert outcomes([lambda: withdraw(funded, 600)] * 2) == ["IntegrityError", "Withdrawal"]
    assert audit() == []


def test_many_withdrawals_at_once_never_overdraw(funded: User) -> None:
    taken = outcomes([lambda: withdraw(funded, 199)] * 12)
    assert taken.count("Withdrawal") == 5
    assert taken.count("InsufficientFunds") == 7
    assert balance_of(funded) == (Decimal(0), Decimal(1000))
    assert audit() == []


def deciding(withdrawal: Withdrawal, admin: User) -> list[Callable[[], Any]]:
    return [
        lambda: cancel_withdrawal(withdrawal_id=withdrawal.id, user=withdrawal.user),
        lambda: approve_withdrawal(withdrawal_id=withdrawal.id, actor=admin),
    ]


def test_a_withdrawal_is_either_cancelled_or_approved(funded: User, admin_user: User) -> None:
    withdrawal = withdraw(funded, 100)
    calls = deciding(withdrawal, admin_user)
    calls.append(lambda: reject_withdrawal(withdrawal_id=withdrawal.id, actor=admin_user, reason="No"))
    assert outcomes(calls) == ["Withdrawal", "WrongRequestStatus", "WrongRequestStatus"]
    assert balance_of(funded)[1] == 0
    assert audit() == []


def test_control_without_locks_both_decisions_pass_the_check(
    funded: User, admin_user: User, without_locks: None, meet_before_posting: Meet
) -> None:
    """Neither sees that the other has decided; only the ledger itself stops one."""
    withdrawal = withdraw(funded, 100)
    meet_before_posting()
    assert outcomes(deciding(withdrawal, admin_user)) == ["IntegrityError", "Withdrawal"]
    assert audit() == []


def test_two_deposits_cannot_both_be_the_last_within_the_limit(user: User, settings: Settings) -> None:
    settings.DAILY_LIMITS = {0: {"deposit": Decimal(100), "withdrawal": Decimal(100)}}
    assert outcomes([lambda: fund(user, 60)] * 2) == ["Deposit", "LimitExceeded"]
    assert Deposit.objects.count() == 1
    assert balance_of(user) == (Decimal(60), Decimal(0))


def test_first_deposits_at_once_share_one_wallet(user: User) -> None:
    assert outcomes([lambda: fund(user, 10)] * 8) == ["Deposit"] * 8
    assert balance_of(user) == (Decimal(80), Decimal(0))
    assert audit() == []


def test_roll_ups_at_once_take_each_entry_once(user: User) -> None:
    for _ in range(20):
        fund(user, 1)
    taken = at_once([lambda: roll_up_system_accounts(batch=7)] * 4)
    assert sum(cast("list[int]", taken)) + UnrolledEntry.objects.count() == 20
    assert system_balance(SystemAccount.CUSTODY) == Decimal(-20)
    assert audit() == []


def test_an_entry_that_commits_late_is_not_lost_by_the_roll_up(user: User, stranger: User) -> None:
    """The late one has the lower id: a watermark over ids would have passed it."""
    posted, rolled = threading.Event(), threading.Event()

    def deposit_late() -> None:
        with unit_of_work(may_join=True):
            fund(user, 3)
            posted.set()
            rolled.wait(10)

    def roll_up_meanwhile() -> None:
        posted.wait(10)
        fund(stranger, 5)
        roll_up_system_accounts()
        rolled.set()

    at_once([deposit_late, roll_up_meanwhile])
    assert roll_up_system_accounts() == 1
    assert system_balance(SystemAccount.CUSTODY) == Decimal(-8)
    assert audit() == []
