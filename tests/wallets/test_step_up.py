"""Withdrawals and addresses demand the second factor of those who have one, and heed holds."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.holds import hold_withdrawals
from accounts.models import User
from iqx.core import clock
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import auth_client, code_of, with_two_factor
from tests.factories.wallets import ADDRESS, balance_of
from wallets.models import Withdrawal, WithdrawalAddress

pytestmark = pytest.mark.django_db

WITHDRAWALS, ADDRESSES = "/api/v1/wallet/withdrawals", "/api/v1/wallet/addresses"


def post(user: User, path: str, body: dict[str, str], key: str = "") -> Any:
    return auth_client(user).post(path, body, format="json", HTTP_IDEMPOTENCY_KEY=key or str(uuid4()))


@pytest.mark.parametrize(
    ("path", "body"),
    [(WITHDRAWALS, {"amount": "10", "address": ADDRESS}), (ADDRESSES, {"name": "Mine", "address": ADDRESS})],
)
def test_both_demand_a_code(funded: User, path: str, body: dict[str, str]) -> None:
    secret = with_two_factor(funded)
    before = {table: rows for table, rows in snapshot().items() if table.startswith("wallets_")}
    for more, code in (({}, "otp_required"), ({"otp": "000000"}, "otp_invalid")):
        answer = post(funded, path, body | more)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert {table: rows for table, rows in snapshot().items() if table in before} == before
    assert post(funded, path, body | {"otp": code_of(secret)}).status_code == 201


def test_a_repeat_with_the_same_key_is_replayed_though_its_code_is_used(funded: User) -> None:
    body = {"amount": "10", "address": ADDRESS, "otp": code_of(with_two_factor(funded))}
    first, again, another = (post(funded, WITHDRAWALS, body, key) for key in ("one", "one", "other"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert another.json()["code"] == "otp_invalid"
    assert Withdrawal.objects.count() == 1


def test_a_refusal_for_another_reason_leaves_the_code_good(funded: User) -> None:
    otp = code_of(with_two_factor(funded))
    refused = post(funded, WITHDRAWALS, {"amount": "5000", "address": ADDRESS, "otp": otp})
    assert refused.json()["code"] == "insufficient_funds"
    assert post(funded, WITHDRAWALS, {"amount": "10", "address": ADDRESS, "otp": otp}).status_code == 201


def test_while_they_are_held_nothing_is_withdrawn(funded: User) -> None:
    until = clock.now() + timedelta(hours=1)
    hold_withdrawals(funded, until, "password_changed")
    hold_withdrawals(funded, until - timedelta(minutes=1), "two_factor_changed")
    answer = post(funded, WITHDRAWALS, {"amount": "10", "address": ADDRESS})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "withdrawals_held")
    assert (problem["until"], problem["reason"]) == (clock.rfc3339(until), "password_changed")
    assert balance_of(funded) == (1000, 0)
    assert post(funded, ADDRESSES, {"name": "Mine", "address": ADDRESS}).status_code == 201
    assert WithdrawalAddress.objects.count() == 1


def test_a_hold_ends_by_itself(funded: User) -> None:
    hold_withdrawals(funded, clock.now() - timedelta(seconds=1), "password_changed")
    assert post(funded, WITHDRAWALS, {"amount": "10", "address": ADDRESS}).status_code == 201
