"""Every way to forge a balance that we could think of, written as SQL, and what in PostgreSQL refuses it."""

# ruff: noqa: S608

from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from iqx.core.ids import new_id
from tests.factories.wallets import fund, withdraw
from wallets.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)

_LEDGER = ("wallets_wallet", "wallets_transfer", "wallets_entry", "wallets_unrolledentry", "wallets_systemrollup")

# A transfer with its entries and heads in one statement, as the engine writes it.
_NEW_TRANSFER = """
WITH t AS (
    INSERT INTO wallets_transfer (id, kind, ref_kind, ref_id, memo, created_at)
    VALUES (%(transfer)s, 'order_adjust', 'order', %(ref)s, '', now())
)"""
_INTO_ENTRY = """
INSERT INTO wallets_entry (transfer_id, wallet_id, system_account, version,
                           available_delta, locked_delta, available_after, locked_after) VALUES """


@pytest.fixture
def wallet(user: User) -> UUID:
    """1,000 USDT in two entries: 899 available and 101 locked, version 2."""
    fund(user, 1000)
    withdraw(user, 100)
    return user.id


def ledger() -> dict[str, list[Any]]:
    with connection.cursor() as cursor:
        rows = {}
        for table in _LEDGER:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            rows[table] = cursor.fetchall()
        return rows


def commit(*statements: str, **names: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"transfer": new_id(), "ref": new_id(), **names})


def refusal_of(*statements: str, **names: Any) -> str | None:
    """Run the statements in one transaction and commit; the constraint that refused them, having changed nothing."""
    before = ledger()
    with pytest.raises(IntegrityError) as refused:
        commit(*statements, **names)
    assert ledger() == before
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name


def test_the_template_of_the_forgeries_is_sound(wallet: UUID) -> None:
    """Control: a sound transfer in the very form that the forgeries below bend is accepted."""
    commit(
        f"{_NEW_TRANSFER}, w AS (UPDATE wallets_wallet SET available = 909, locked = 91, version = 3"
        f" WHERE user_id = %(wallet)s) {_INTO_ENTRY} (%(transfer)s, %(wallet)s, NULL, 3, 10, -10, 909, 91)",
        wallet=wallet,
    )
    assert Entry.objects.filter(wallet_id=wallet, version=3).exists()


def test_a_balance_cannot_change_without_an_entry(wallet: UUID) -> None:
    forged = "UPDATE wallets_wallet SET available = available + 1 WHERE user_id = %(wallet)s"
    assert refusal_of(forged, wallet=wallet) == "wallets_wallet_changes_by_entry"


def test_a_locked_balance_cannot_change_without_an_entry(wallet: UUID) -> None:
    forged = "UPDATE wallets_wallet SET available = available + 1, locked = locked - 1 WHERE user_id = %(wallet)s"
    assert refusal_of(forged, wallet=wallet) == "wallets_wallet_changes_by_entry"


def test_a_wallet_cannot_move_on_without_an_entry(wallet: UUID) -> None:
    forged = "UPDATE wallets_wallet SET available = available + 1, version = version + 1 WHERE user_id = %(wallet)s"
    assert refusal_of(forged, wallet=wallet) == "wallets_wallet_shows_newest_entry"


def test_a_wallet_cannot_go_back_to_an_earlier_entry(wallet: UUID) -> None:
    forged = "UPDATE wallets_wallet SET available = 1000, locked = 0, version = 1 WHERE user_id = %(wallet)s"
    assert refusal_of(forged, wallet=wallet) == "wallets_wallet_moves_forward"


def test_a_wallet_cannot_change_hands(wallet: UUID, stranger: User) -> None:
    forged = "UPDATE wallets_wallet SET user_id = %(thief)s WHERE user_id = %(wallet)s"
    assert refusal_of(forged, wallet=wallet, thief=stranger.id) == "wallets_wallet_keeps_owner"


def test_a_wallet_cannot_begin_with_money(wallet: UUID, stranger: User) -> None:
    forged = "INSERT INTO wallets_wallet (user_id, available, locked, version) VALUES (%(thief)s, 5, 0, 0)"
    assert refusal_of(forged, thief=stranger.id) == "wallets_wallet_starts_empty"


def test_a_wallet_cannot_begin_at_a_version_without_an_entry(wallet: UUID, stranger: User) -> None:
    forged = "INSERT INTO wallets_wallet (user_id, available, locked, version) VALUES (%(thief)s, 5, 0, 1)"
    assert refusal_of(forged, thief=stranger.id) == "wallets_wallet_shows_newest_entry"


def forged_entry(wallet: UUID, head: str, entry: str) -> str | None:
    """Post one entry (version, deltas, afters) with what makes the transfer sum to zero, and set the head."""
    version, available, locked, available_after, locked_after = entry.split()
    return refusal_of(
        f"{_NEW_TRANSFER}, w AS (UPDATE wallets_wallet SET {head} WHERE user_id = %(wallet)s) {_INTO_ENTRY}"
        f"(%(transfer)s, %(wallet)s, NULL, {version}, {available}, {locked}, {available_after}, {locked_after}),"
        f"(%(transfer)s, NULL, 'custody', NULL, -({available}) - ({locked}), 0, NULL, NULL)",
        wallet=wallet,
    )


def test_an_entry_cannot_start_from_a_false_balance(wallet: UUID) -> None:
    """Its arithmetic is right, but the entry before it left 899, not 5,000."""
    head = "available = 5001, locked = 101, version = 3"
    assert forged_entry(wallet, head, "3 1 0 5001 101") == "wallets_entry_continues_previous"


def test_an_entry_cannot_miscalculate(wallet: UUID) -> None:
    """It takes 1 from 899, and leaves 900."""
    head = "available = 900, locked = 101, version = 3"
    assert forged_entry(wallet, head, "3 -1 0 900 101") == "wallets_entry_continues_previous"


def test_an_entry_cannot_leave_a_gap(wallet: UUID) -> None:
    head = "available = 900, locked = 101, version = 4"
    assert forged_entry(wallet, head, "4 1 0 900 101") == "wallets_entry_continues_previous"


def test_an_entry_cannot_fork_the_chain(wallet: UUID) -> None:
    """A second entry 2, which continues from entry 1 just as well."""
    assert forged_entry(wallet, "version = 2", "2 1 0 1001 0") == "wallets_entry_no_fork"


def test_a_first_entry_cannot_start_from_something(wallet: UUID, stranger: User) -> None:
    commit("INSERT INTO wallets_wallet VALUES (%(thief)s, 0, 0, 0)", thief=stranger.id)
    head = "available = 500, locked = 0, version = 1"
    assert forged_entry(stranger.id, head, "1 1 0 500 0") == "wallets_entry_first_starts_from_zero"


def test_an_entry_cannot_overdraw(wallet: UUID) -> None:
    head = "available = -1, locked = 101, version = 3"
    assert forged_entry(wallet, head, "3 -900 0 -1 101") in {
        "wallets_entry_wallet_or_system",
        "wallets_wallet_available_not_negative",
    }


def test_an_entry_that_moves_nothing_is_refused(wallet: UUID) -> None:
    head = "version = 3"
    assert forged_entry(wallet, head, "3 0 0 899 101") == "wallets_entry_moves_something"


def test_an_entry_of_a_wallet_needs_its_balances(wallet: UUID) -> None:
    """A CHECK whose comparison is NULL would pass."""
    assert forged_entry(wallet, "version = 2", "NULL 1 0 NULL NULL") == "wallets_entry_wallet_or_system"


def test_balanced_entries_cannot_stand_above_the_heads(wallet: UUID, stranger: User) -> None:
    """They continue the chains and sum to zero, but the wallets don't show them."""
    fund(stranger, 10)
    forged = (
        _NEW_TRANSFER
        + _INTO_ENTRY
        + "(%(transfer)s, %(wallet)s, NULL, 3, -1, 0, 898, 101), (%(transfer)s, %(thief)s, NULL, 2, 1, 0, 11, 0)"
    )
    assert refusal_of(forged, wallet=wallet, thief=stranger.id) == "wallets_entry_not_above_head"


def test_a_transfer_cannot_be_one_sided(wallet: UUID) -> None:
    forged = (
        f"{_NEW_TRANSFER}, w AS (UPDATE wallets_wallet SET available = 904, version = 3 WHERE user_id = %(wallet)s)"
        f"{_INTO_ENTRY} (%(transfer)s, %(wallet)s, NULL, 3, 5, 0, 904, 101)"
    )
    assert refusal_of(forged, wallet=wallet) == "wallets_transfer_sums_to_zero"


def test_a_transfer_cannot_be_one_sided_for_a_while(wallet: UUID) -> None:
    """Not even inside a transaction that would balance it."""
    transfer = new_id()
    one_side = (
        f"{_NEW_TRANSFER}, w AS (UPDATE wallets_wallet SET available = 904, version = 3 WHERE user_id = %(wallet)s)"
        f"{_INTO_ENTRY} (%(transfer)s, %(wallet)s, NULL, 3, 5, 0, 904, 101)"
    )
    other_side = f"{_INTO_ENTRY} (%(transfer)s, NULL, 'custody', NULL, -5, 0, NULL, NULL)"
    assert refusal_of(one_side, other_side, wallet=wallet, transfer=transfer) == "wallets_transfer_sums_to_zero"


def test_a_transfer_cannot_be_empty(wallet: UUID) -> None:
    forged = f"{_NEW_TRANSFER} SELECT 1"
    assert refusal_of(forged) == "wallets_transfer_has_entries"


def test_an_old_transfer_takes_no_more_entries(wallet: UUID, stranger: User) -> None:
    """Balanced, continuing both chains, shown by both heads: yet not part of what happened then."""
    fund(stranger, 10)
    old = Entry.objects.filter(wallet_id=wallet).latest("version").transfer_id
    forged = (
        "WITH a AS (UPDATE wallets_wallet SET available = 898, version = 3 WHERE user_id = %(wallet)s),"
        "     b AS (UPDATE wallets_wallet SET available = 11, version = 2 WHERE user_id = %(thief)s)"
        f"{_INTO_ENTRY} (%(old)s, NULL, 'custody', NULL, -1, 0, NULL, NULL), (%(old)s, %(thief)s, NULL, 2, 1, 0, 11, 0)"
    )
    assert refusal_of(forged, wallet=wallet, thief=stranger.id, old=old) == "wallets_transfer_is_complete"


def test_what_happens_once_cannot_be_recorded_twice(wallet: UUID) -> None:
    deposit = Entry.objects.get(wallet_id=wallet, version=1).transfer.ref_id
    forged = (
        _NEW_TRANSFER.replace("order_adjust", "deposit")
        + ", w AS (UPDATE wallets_wallet SET available = 1899, version = 3 WHERE user_id = %(wallet)s)"
        + f"{_INTO_ENTRY} (%(transfer)s, %(wallet)s, NULL, 3, 1000, 0, 1899, 101),"
        + "(%(transfer)s, NULL, 'custody', NULL, -1000, 0, NULL, NULL)"
    )
    assert refusal_of(forged, wallet=wallet, ref=deposit) == "wallets_transfer_once_per_ref"


def test_an_unknown_system_account_is_refused(wallet: UUID) -> None:
    forged = f"{_NEW_TRANSFER} {_INTO_ENTRY} (%(transfer)s, NULL, 'pocket', NULL, 1, 0, NULL, NULL)"
    assert refusal_of(forged) == "wallets_entry_wallet_or_system"


@pytest.mark.parametrize("table", ["wallets_entry", "wallets_transfer"])
@pytest.mark.parametrize(
    ("statement", "trigger"),
    [
        ("UPDATE {table} SET id = id", "{table}_append_only"),
        ("DELETE FROM {table}", "{table}_append_only"),
        ("TRUNCATE {table} CASCADE", "{table}_append_only_truncate"),
    ],
)
def test_history_cannot_be_rewritten(wallet: UUID, table: str, statement: str, trigger: str) -> None:
    assert refusal_of(statement.format(table=table)) == trigger.format(table=table)


def test_a_wallet_with_history_cannot_be_deleted(wallet: UUID) -> None:
    constraint = refusal_of("DELETE FROM wallets_wallet WHERE user_id = %(wallet)s", wallet=wallet)
    assert constraint is not None
    assert constraint.startswith("wallets_entry_wallet_id")
