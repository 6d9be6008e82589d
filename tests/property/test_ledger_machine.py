"""Random sequences of use cases, beside a model of what they should do, with the books audited after each step."""

from decimal import Decimal
from typing import Any, cast

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from iqx.core.errors import DomainError
from tests.factories.accounts import make_user
from tests.factories.wallets import balance_of, fund, withdraw
from wallets.audit import audit
from wallets.errors import InsufficientFunds, WrongRequestStatus
from wallets.models import Withdrawal
from wallets.services import (
    approve_adjustment,
    approve_withdrawal,
    cancel_withdrawal,
    reject_withdrawal,
    request_adjustment,
    roll_up_system_accounts,
)

FEE = Decimal(1)
people = st.integers(0, 2)
amounts = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal(500), places=6)


def _undone() -> Any:
    """A transaction for one example, in which use cases may begin as they may in a test case's."""
    atomic: Any = cast("Any", transaction.atomic())
    atomic._from_testcase = True
    return atomic


class Ledger(RuleBasedStateMachine):
    """Three people and two admins; the model is what each should have available and locked."""

    pending = Bundle("pending")
    decided = Bundle("decided")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = _undone()
        self.transaction.__enter__()
        self.people = [make_user() for _ in range(3)]
        self.admins = [make_user(role="admin") for _ in range(2)]
        self.available = [Decimal(0)] * 3
        self.locked = [Decimal(0)] * 3

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @rule(who=people, amount=amounts)
    def deposit(self, who: int, amount: Decimal) -> None:
        fund(self.people[who], amount)
        self.available[who] += amount

    @rule(target=pending, who=people, amount=amounts)
    def withdraw(self, who: int, amount: Decimal) -> tuple[int, Withdrawal] | None:
        if amount + FEE > self.available[who]:
            with pytest.raises(InsufficientFunds):
                withdraw(self.people[who], amount)
            return None
        withdrawal = withdraw(self.people[who], amount)
        self.available[who] -= amount + FEE
        self.locked[who] += amount + FEE
        return who, withdrawal

    @rule(target=decided, asked=consumes(pending), way=st.sampled_from(["cancel", "reject", "approve"]))
    def decide(self, asked: tuple[int, Withdrawal] | None, way: str) -> tuple[int, Withdrawal] | None:
        if asked is None:
            return None
        who, withdrawal = asked
        self._decide(who, withdrawal, way)
        self.locked[who] -= withdrawal.amount + FEE
        if way != "approve":
            self.available[who] += withdrawal.amount + FEE
        return asked

    @rule(asked=decided, way=st.sampled_from(["cancel", "reject", "approve"]))
    def decide_again(self, asked: tuple[int, Withdrawal] | None, way: str) -> None:
        if asked is not None:
            with pytest.raises(WrongRequestStatus):
                self._decide(*asked, way)

    def _decide(self, who: int, withdrawal: Withdrawal, way: str) -> None:
        if way == "cancel":
            cancel_withdrawal(withdrawal_id=withdrawal.id, user=self.people[who])
        elif way == "reject":
            reject_withdrawal(withdrawal_id=withdrawal.id, actor=self.admins[0], reason="No")
        else:
            approve_withdrawal(withdrawal_id=withdrawal.id, actor=self.admins[0])

    @rule(who=people, amount=amounts, sign=st.sampled_from([1, -1]))
    def adjust(self, who: int, amount: Decimal, sign: int) -> None:
        asked = request_adjustment(
            user=self.people[who], amount=amount * sign, reason="Correction", actor=self.admins[0]
        )
        try:
            approve_adjustment(adjustment_id=asked.id, actor=self.admins[1])
        except InsufficientFunds:
            assert self.available[who] + amount * sign < 0
        else:
            self.available[who] += amount * sign

    @rule(thief=people, asked=pending)
    def meddle(self, thief: int, asked: tuple[int, Withdrawal] | None) -> None:
        if asked is not None and asked[0] != thief:
            with pytest.raises(DomainError):
                cancel_withdrawal(withdrawal_id=asked[1].id, user=self.people[thief])

    @rule(batch=st.integers(1, 5))
    def roll_up(self, batch: int) -> None:
        roll_up_system_accounts(batch=batch)

    @invariant()
    def the_wallets_are_as_the_model(self) -> None:
        shown = [balance_of(person) for person in self.people]
        assert shown == list(zip(self.available, self.locked, strict=True))

    @invariant()
    def the_books_balance(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would check
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert audit() == []


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.mark.django_db
def test_no_sequence_of_use_cases_unbalances_the_books(cheap_passwords: None) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
