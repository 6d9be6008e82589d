"""The ledger by itself: what its guards (triggers, and the keys that prove it) cost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection

from accounts.models import User
from benchmarks.samples import Sample
from iqx.core.ids import new_id
from iqx.core.transactions import use_case
from wallets import ledger
from wallets.models import TransferKind

_TRANSFERS: Final = 100
_CENT: Final = Decimal("0.01")
_TABLES: Final = ("wallets_wallet", "wallets_transfer", "wallets_entry")


def guarded(seconds: float) -> Sample:
    """Reserve and return a cent of fifty people's, two transfers each, in one commit after the other."""
    people = list(User.objects.filter(wallet__available__gt=1).values_list("id", flat=True)[: _TRANSFERS // 2])
    latencies_s = []
    begin = time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        _move(people)
        latencies_s.append(time.monotonic() - now)
    return Sample(len(latencies_s) * _TRANSFERS, time.monotonic() - begin, latencies_s)


def unguarded(seconds: float) -> Sample:
    """The same with no trigger and no foreign key in force."""
    with _without_guards():
        return guarded(seconds)


@use_case(pipelined=True)
def _move(people: list[UUID]) -> None:
    balances = ledger.lock_wallets(people)
    ledger.post(balances, [transfer for person in people for transfer in _there_and_back(person)])


def _there_and_back(person: UUID) -> list[ledger.NewTransfer]:
    """Of an order that was cancelled."""
    order = new_id()
    there, back = ledger.Leg(person, -_CENT, _CENT), ledger.Leg(person, _CENT, -_CENT)
    return [
        ledger.NewTransfer(TransferKind.ORDER_RESERVE, "order", order, (there,)),
        ledger.NewTransfer(TransferKind.ORDER_RETURN, "order", order, (back,)),
    ]


@contextmanager
def _without_guards() -> Iterator[None]:
    """The database is the benchmark's own, and is audited afterwards."""
    _each_table("DISABLE TRIGGER ALL")  # also the triggers that foreign keys are made of
    try:
        yield
    finally:
        _each_table("ENABLE TRIGGER ALL")


def _each_table(change: str) -> None:
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} {change}")
