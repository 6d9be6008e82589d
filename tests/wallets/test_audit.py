"""The audit has to find what the constraints normally make impossible: so they are at rest while the damage is done."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import User
from tests.factories.wallets import fund, withdraw
from wallets import audit as auditing
from wallets.audit import audit, examine, register_claims
from wallets.models import UnrolledEntry

pytestmark = pytest.mark.django_db(transaction=True)


def damage(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
        cursor.execute(sql)


def failing() -> list[str]:
    return [finding.check for finding in audit()]


@pytest.fixture
def books(funded: User) -> User:
    """A deposit of 1,000, and a withdrawal of 100 (and 1) under way."""
    withdraw(funded, 100)
    return funded


def test_sound_books_are_clean_and_were_looked_at(books: User) -> None:
    assert {result.check.name: result.examined for result in examine()} == {
        "wallet_sums": 1,
        "wallet_heads": 1,
        "chains": 2,
        "transfers": 2,
        "accounts": 3,
        "system_accounts": 1,
        "locked_funds": 1,
    }
    assert audit() == []


def test_empty_books_are_clean(db: None) -> None:
    assert audit() == []


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        (
            "UPDATE wallets_wallet SET available = available + 1",
            ["wallet_sums", "wallet_heads", "accounts"],
        ),
        (
            "UPDATE wallets_entry SET available_delta = -102, locked_delta = 102 WHERE version = 2",
            ["wallet_sums", "chains"],
        ),
        (
            "DELETE FROM wallets_entry WHERE version = 1",
            ["wallet_sums", "chains", "transfers"],
        ),
        (
            "UPDATE wallets_wallet SET version = 1, available = 1000, locked = 0",
            ["wallet_sums", "wallet_heads", "locked_funds"],
        ),
        (
            "INSERT INTO wallets_transfer "
            "VALUES (gen_random_uuid(), 'deposit', 'deposit', gen_random_uuid(), '', now())",
            ["transfers"],
        ),
        ("DELETE FROM wallets_unrolledentry", ["system_accounts"]),
        ("UPDATE wallets_unrolledentry SET account = 'fees'", ["system_accounts", "system_accounts"]),
        ("UPDATE wallets_withdrawal SET status = 'cancelled', due_at = NULL", ["locked_funds"]),
        ("UPDATE wallets_withdrawal SET amount = 99", ["locked_funds"]),
    ],
)
def test_damage_is_found(books: User, sql: str, checks: list[str]) -> None:
    damage(sql)
    assert failing() == checks


def test_locked_money_of_a_missing_wallet_is_found(books: User, stranger: User) -> None:
    damage(f"UPDATE wallets_withdrawal SET user_id = '{stranger.pk}'")  # noqa: S608
    assert failing() == ["locked_funds", "locked_funds"]


def test_apps_above_register_what_they_keep_locked(books: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "_claims", dict(auditing._claims))
    register_claims("escrow", f"SELECT '{books.id}'::uuid AS user_id, 5.0 AS amount")
    assert failing() == ["locked_funds"]
    damage("UPDATE wallets_withdrawal SET amount = amount - 5")
    assert audit() == []


def test_the_command_says_what_it_proved(books: User) -> None:
    out = StringIO()
    call_command("audit_ledger", stdout=out)
    assert "every transfer moves something, and sums to zero (2 examined)" in out.getvalue()
    assert "WRONG" not in out.getvalue()


def test_the_command_exits_with_one_when_the_books_are_wrong(books: User) -> None:
    damage("UPDATE wallets_wallet SET available = available + 1")
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("audit_ledger", stdout=out)
    assert refusal.value.returncode == 1
    assert str(books.id) in out.getvalue()


def test_the_audit_sees_one_moment(books: User) -> None:
    """What is committed while it runs is not half seen: the snapshot is older."""
    seen = []
    with auditing._snapshot():
        seen.append(UnrolledEntry.objects.count())
        _deposit_elsewhere(books)
        seen.append(UnrolledEntry.objects.count())
    assert seen == [1, 1]
    assert UnrolledEntry.objects.count() == 2
    assert audit() == []


def _deposit_elsewhere(user: User) -> None:
    from tests.factories.racing import at_once

    (deposit,) = at_once([lambda: fund(user, Decimal(1))])
    assert not isinstance(deposit, Exception)
