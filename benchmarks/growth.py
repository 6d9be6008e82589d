"""How the cost of an order grows: beside a thousand resting orders, and beside a million."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

import psycopg
from django.db import connection, transaction

from accounts.models import KycStatus, User
from benchmarks import database, engine
from benchmarks.flow import MARKET
from benchmarks.lines import Line
from benchmarks.population import settle
from iqx.core import clock
from iqx.core.ids import new_id
from iqx.core.transactions import use_case
from wallets import ledger
from wallets.audit import audit
from wallets.models import SystemAccount, TransferKind

ORDERS_EACH: Final = 200
ENTRIES_EACH: Final = 1_000
"""Of a rester: 1,000,000 resting orders come with 5,000,000 entries."""

FEW: Final = 1_000
_MOST: Final = 1.2
_SOLD: Final = Decimal("100.1")  # what a hundred sales of 1 USDT hold, with their fees
_RESTERS_AT_ONCE: Final = 500

# Half of them bid, half of them ask; none within reach of those whose orders are measured.
_REST = """
INSERT INTO orders_order (
    id, owner_id, market_id, side, price, amount, filled, min_fill, payment_methods, time_in_force, post_only, terms,
    maker_fee, taker_fee, reserved, status, close_reason, announced, priority, version, created_at, updated_at
)
SELECT gen_random_uuid(), owner, %(market)s, CASE WHEN sells THEN 'sell' ELSE 'buy' END,
    (CASE WHEN sells THEN 0.94 + random() * 0.5 ELSE 0.89 - random() * 0.5 END)::numeric(18, 4), 1, 0, 0, '{}', 'GTC',
    false, '', 0.0005, 0.001, CASE WHEN sells THEN 1.001 ELSE 0 END, 'open', '', true, nextval('orders_priority'), 2,
    %(now)s, %(now)s
FROM unnest(%(owners)s::uuid[]) AS owner, generate_series(1, %(each)s) AS number,
    LATERAL (SELECT number %% 2 = 0) AS side(sells)
"""

# A cent goes from what is available to what is locked, and back; a transfer moves one of each of these wallets.
_MOVE = """
WITH transfers AS (
    INSERT INTO wallets_transfer (id, kind, ref_kind, ref_id, memo, created_at)
    SELECT gen_random_uuid(), 'order_adjust', 'order', gen_random_uuid(), '', %(now)s
    FROM generate_series(1, %(each)s) RETURNING id
), numbered AS (
    SELECT id, row_number() OVER () AS number FROM transfers
), moved AS (
    INSERT INTO wallets_entry (
        transfer_id, wallet_id, version, available_delta, locked_delta, available_after, locked_after
    )
    SELECT t.id, w.user_id, w.version + t.number, -change, change,
        w.available - CASE change WHEN 0.01 THEN 0.01 ELSE 0 END, w.locked + CASE change WHEN 0.01 THEN 0.01 ELSE 0 END
    FROM wallets_wallet w, numbered t, LATERAL (SELECT CASE t.number %% 2 WHEN 1 THEN 0.01 ELSE -0.01 END) AS c(change)
    WHERE w.user_id = ANY(%(owners)s)
)
UPDATE wallets_wallet SET version = version + %(each)s WHERE user_id = ANY(%(owners)s)
"""


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Clients at a database of their own, in which so many orders rest."""

    clients: engine.Engine
    rates: list[float]


def measure(
    server: psycopg.Connection, many: int, *, rounds: int, seconds: int, traders: int, say: Callable[[str], None]
) -> Line:
    """What one more order costs beside `many` resting ones, against `FEW`, in turn."""
    with _crowded(server, "iqx_bench_few", FEW, traders, say) as few:
        with _crowded(server, "iqx_bench_many", many, traders, say) as crowd:
            for _ in range(rounds):
                for exchange in (few, crowd):
                    exchange.rates.append(exchange.clients.measure(seconds, clients=1, batch=1).rate)
            faults = audit()
        cost = statistics.median(few.rates) / statistics.median(crowd.rates)
    entries = many // ORDERS_EACH * ENTRIES_EACH
    return Line(
        f"one more order beside {many:,} resting ones and {entries:,} entries, against {FEW:,} and {FEW * 5:,}",
        f"{cost:.2f} x the cost" + (f"; WRONG: {faults[0]}" if faults else ""),
        f"at most {_MOST:g}",
        cost <= _MOST and not faults,
    )


@contextmanager
def _crowded(
    server: psycopg.Connection, name: str, orders: int, traders: int, say: Callable[[str], None]
) -> Iterator[_Exchange]:
    with database.exchange(server, name), engine.started() as clients:
        settle(traders)
        resters = _people(orders // ORDERS_EACH)
        for first in range(0, len(resters), _RESTERS_AT_ONCE):
            some = resters[first : first + _RESTERS_AT_ONCE]
            say(f"making resting orders: {first * ORDERS_EACH:,} of {orders:,}")
            _fund(some)
            _let_rest(some)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        clients.measure(1, clients=1, batch=1)  # its process connects to the database of this moment
        yield _Exchange(clients, [])


def _people(count: int) -> list[UUID]:
    people = [
        User(
            email=f"rester{number}@iqx.example",
            display_name=f"Rester {number}",
            password="!",
            kyc_status=KycStatus.VERIFIED,
            kyc_level=2,
        )
        for number in range(count)
    ]
    return [person.id for person in User.objects.bulk_create(people, batch_size=1_000)]


@use_case
def _fund(owners: Sequence[UUID]) -> None:
    balances = ledger.lock_wallets(owners)
    funds = 10 * _SOLD
    paid = tuple(ledger.Leg(owner, funds, Decimal(0)) for owner in owners)
    held = tuple(ledger.Leg(owner, -_SOLD, _SOLD) for owner in owners)
    from_outside = (ledger.SystemLeg(SystemAccount.CUSTODY, -funds * len(owners)),)
    ledger.post(
        balances,
        [
            ledger.NewTransfer(TransferKind.DEPOSIT, "deposit", new_id(), paid, from_outside),
            ledger.NewTransfer(TransferKind.ORDER_ADJUST, "order", new_id(), held),
        ],
    )


def _let_rest(owners: Sequence[UUID]) -> None:
    """Without checking each row's keys: the audit checks all of them in the end."""
    values = {"owners": list(owners), "market": MARKET, "now": clock.now()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_REST, values | {"each": ORDERS_EACH})
        cursor.execute(_MOVE, values | {"each": ENTRIES_EACH})
