from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from iqx.core import events
from iqx.core.ids import new_id
from iqx.core.locking import LockOrderViolated
from iqx.core.transactions import unit_of_work, use_case
from tests.factories.accounts import make_user
from tests.factories.statements import recorded
from tests.factories.wallets import balance_of, fund
from wallets.audit import audit
from wallets.errors import InsufficientFunds
from wallets.events import wallet_updated
from wallets.ledger import Balance, LedgerMisused, Leg, NewTransfer, SystemLeg, lock_wallets, post
from wallets.models import Entry, SystemAccount, Transfer, TransferKind, UnrolledEntry, Wallet
from wallets.selectors import system_balance
from wallets.services import roll_up_system_accounts

pytestmark = pytest.mark.django_db


def adjust(*legs: Leg, system: tuple[SystemLeg, ...] = ()) -> NewTransfer:
    return NewTransfer(TransferKind.ORDER_ADJUST, "order", new_id(), legs, system)


@use_case
def move(*transfers: NewTransfer) -> dict[UUID, Balance]:
    balances = lock_wallets({leg.wallet for transfer in transfers for leg in transfer.legs})
    post(balances, transfers)
    return balances


def test_a_lock_is_one_entry_with_both_changes(funded: User) -> None:
    move(adjust(Leg(funded.id, Decimal(-5), Decimal(5))))
    entry = Entry.objects.get(wallet_id=funded.id, version=2)
    assert (entry.available_delta, entry.locked_delta) == (Decimal(-5), Decimal(5))
    assert (entry.available_after, entry.locked_after) == (Decimal(995), Decimal(5))
    assert (entry.prev_version, entry.prev_available, entry.prev_locked) == (1, Decimal(1000), Decimal(0))


def test_locked_wallets_are_kept_up_to_date(funded: User) -> None:
    balances = move(adjust(Leg(funded.id, Decimal(-5), Decimal(5))), adjust(Leg(funded.id, Decimal(-7), Decimal(7))))
    assert balances == {funded.id: Balance(funded.id, Decimal(988), Decimal(12), version=3)}
    assert balance_of(funded) == (Decimal(988), Decimal(12))


def test_entries_of_one_batch_build_on_each_other(funded: User, stranger: User) -> None:
    move(
        adjust(Leg(funded.id, Decimal(-400)), Leg(stranger.id, Decimal(400))),
        adjust(Leg(stranger.id, Decimal(-150)), Leg(funded.id, Decimal(150))),
    )
    assert balance_of(funded) == (Decimal(750), Decimal(0))
    assert balance_of(stranger) == (Decimal(250), Decimal(0))
    assert audit() == []


def test_a_missing_wallet_is_made_by_its_first_lock(user: User) -> None:
    assert not Wallet.objects.exists()
    with unit_of_work():
        assert lock_wallets([user.id])[user.id] == Balance(user.id, Decimal(0), Decimal(0), version=0)
    assert Wallet.objects.get(pk=user.pk).version == 0


def test_the_statements_are_two_however_many_transfers(funded: User) -> None:
    def statements(transfers: int) -> int:
        with recorded() as sent, unit_of_work():
            balances = lock_wallets([funded.id])
            post(balances, [adjust(Leg(funded.id, Decimal(-1), Decimal(1))) for _ in range(transfers)])
        return len(sent)

    assert statements(1) == statements(100) == 2


def test_posting_nothing_costs_nothing(funded: User) -> None:
    with unit_of_work():
        balances = lock_wallets([funded.id])
        with CaptureQueriesContext(connection) as queries:
            post(balances, [])
    assert len(queries) == 0


def test_overdrawing_changes_nothing_and_tells_what_is_available(funded: User, stranger: User) -> None:
    """Not even the transfers of the batch that could have been paid."""
    affordable = adjust(Leg(funded.id, Decimal(-400)), Leg(stranger.id, Decimal(400)))
    with unit_of_work():
        balances = lock_wallets([funded.id, stranger.id])
        with pytest.raises(InsufficientFunds) as refusal:
            post(balances, [affordable, affordable, affordable])
        assert balances[funded.id] == Balance(funded.id, Decimal(1000), Decimal(0), version=1)
    assert refusal.value.extra == {"available": "200.000000"}
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(
    ("available", "locked", "fault"),
    [
        (Decimal(1), Decimal(0), "sum to zero"),
        (Decimal("0.0000001"), Decimal("-0.0000001"), "decimals"),
        (Decimal(1), Decimal(-1), "locked"),
    ],
)
def test_a_movement_that_cannot_be_right_is_a_fault_of_the_program(
    funded: User, available: Decimal, locked: Decimal, fault: str
) -> None:
    with pytest.raises(LedgerMisused, match=fault):
        move(adjust(Leg(funded.id, available, locked)))
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    assert Transfer.objects.count() == 1


def test_wallets_are_not_locked_after_streams(funded: User) -> None:
    with unit_of_work():
        events.append([wallet_updated(lock_wallets([funded.id])[funded.id])])
        with pytest.raises(LockOrderViolated):
            lock_wallets([funded.id])


def test_a_system_account_is_the_sum_of_its_entries_before_and_after_the_roll_up(user: User) -> None:
    fund(user, 10)
    roll_up_system_accounts()
    fund(user, 5)
    assert system_balance(SystemAccount.CUSTODY) == Decimal(-15)
    assert roll_up_system_accounts() == 1
    assert roll_up_system_accounts() == 0
    assert system_balance(SystemAccount.CUSTODY) == Decimal(-15)
    assert audit() == []


def test_a_roll_up_takes_no_more_than_its_batch(user: User) -> None:
    for _ in range(3):
        fund(user, 1)
    assert [roll_up_system_accounts(batch=2), roll_up_system_accounts(batch=2)] == [2, 1]
    assert not UnrolledEntry.objects.exists()


def test_an_account_without_entries_is_zero(db: None) -> None:
    assert system_balance(SystemAccount.FEES) == Decimal(0)


def test_many_wallets_at_once(db: None) -> None:
    people = [make_user() for _ in range(5)]
    for person in people:
        fund(person, 10)
    ring = zip(people, people[1:] + people[:1], strict=True)
    move(*[adjust(Leg(giver.id, Decimal(-10)), Leg(taker.id, Decimal(10))) for giver, taker in ring])
    assert {balance_of(person) for person in people} == {(Decimal(10), Decimal(0))}
    assert audit() == []
