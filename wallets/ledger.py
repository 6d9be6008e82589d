"""The engine that moves USDT. It opens no transaction: use cases call it, first `lock_wallets`, then `post`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from iqx.core import clock, hot
from iqx.core.ids import new_id
from iqx.core.locking import LockRank, enter
from iqx.core.money import USDT_PLACES, ZERO, usdt
from wallets.errors import InsufficientFunds
from wallets.models import SystemAccount, TransferKind


@dataclass(slots=True)
class Balance:
    """A wallet under lock; `post` keeps it up to date."""

    user_id: UUID
    available: Decimal
    locked: Decimal
    version: int


@dataclass(frozen=True, slots=True)
class Leg:
    """What a transfer adds to (or, negative, takes from) the wallet of the user `wallet`."""

    wallet: UUID
    available: Decimal = ZERO
    locked: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class SystemLeg:
    account: SystemAccount
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """A movement about to be posted: one leg a wallet at most, all legs together zero, no leg empty."""

    kind: TransferKind
    ref_kind: str
    ref_id: UUID
    legs: tuple[Leg, ...]
    system: tuple[SystemLeg, ...] = ()
    memo: str = ""


class LedgerMisused(RuntimeError):
    """A use case asked for a movement that can't be right: a fault of the program, not of the caller."""


_LOCK = """
SELECT user_id, available, locked, version FROM wallets_wallet
WHERE user_id = ANY(%s) ORDER BY user_id FOR NO KEY UPDATE"""
_CREATE = """
INSERT INTO wallets_wallet (user_id, available, locked, version)
SELECT unnest(%s::uuid[]) AS user_id, 0, 0, 0 ORDER BY user_id ON CONFLICT DO NOTHING
"""


def lock_wallets(user_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """Lock these users' wallets, by id, until the transaction ends; one that is missing is made.

    Locks: wallets. Only event streams may be locked after this.
    """
    return ask_to_lock(user_ids)()


def ask_to_lock(user_ids: Iterable[UUID]) -> Callable[[], dict[UUID, Balance]]:
    """Ask for what `lock_wallets` returns. Locks: wallets."""
    enter(LockRank.WALLET)
    ids = sorted(set(user_ids))
    answer = hot.ask(_LOCK, [ids])

    def balances() -> dict[UUID, Balance]:
        found = _balances(answer)
        if len(found) < len(ids):
            hot.run(_CREATE, [ids])
            found = _balances(hot.ask(_LOCK, [ids]))
        return found

    return balances


def lock_free_wallets(user_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """Lock those of these users' wallets that nobody else holds; for whoever holds one already and must not wait."""
    ids = list(user_ids)
    return _balances(hot.ask(_LOCK + " SKIP LOCKED", [ids])) if ids else {}


def _balances(answer: hot.Answer) -> dict[UUID, Balance]:
    return {row[0]: Balance(*row) for row in answer.rows()}


_POST = """
WITH transfers AS (
    INSERT INTO wallets_transfer (id, kind, ref_kind, ref_id, memo, created_at)
    SELECT t.*, %(now)s
    FROM unnest(%(ids)b::uuid[], %(kinds)b::text[], %(ref_kinds)b::text[], %(ref_ids)b::uuid[], %(memos)b::text[]) AS t
), heads AS (
    UPDATE wallets_wallet w SET available = h.available, locked = h.locked, version = h.version
    FROM unnest(%(users)b::uuid[], %(availables)b::numeric[], %(lockeds)b::numeric[], %(versions)b::bigint[])
         AS h(user_id, available, locked, version)
    WHERE w.user_id = h.user_id
)
INSERT INTO wallets_entry (transfer_id, wallet_id, system_account, version,
                           available_delta, locked_delta, available_after, locked_after)
SELECT e.*
FROM unnest(%(e_transfers)b::uuid[], %(e_wallets)b::uuid[], %(e_accounts)b::text[], %(e_versions)b::bigint[],
            %(e_availables)b::numeric[], %(e_lockeds)b::numeric[],
            %(e_available_afters)b::numeric[], %(e_locked_afters)b::numeric[]) AS e
"""


def post(balances: Mapping[UUID, Balance], transfers: Sequence[NewTransfer]) -> None:
    """Move money between locked wallets: one statement, however many transfers there are.

    The transfers apply in the order given; `balances` (from `lock_wallets`) is updated in place.

    Raises:
        InsufficientFunds: a transfer would take more than is available; nothing was written.
        LedgerMisused: a transfer is unbalanced, inexact, or takes more than is locked.
    """
    if not transfers:
        return
    now = {user_id: Balance(b.user_id, b.available, b.locked, b.version) for user_id, b in balances.items()}
    ids = [new_id() for _ in transfers]
    rows = [row for id_, transfer in zip(ids, transfers, strict=True) for row in _entries(id_, transfer, now)]
    moved = [balance for user_id, balance in now.items() if balance.version != balances[user_id].version]
    columns = list(zip(*rows, strict=True))
    hot.run(
        _POST,
        {
            "now": clock.now(),
            "ids": ids,
            "kinds": [t.kind.value for t in transfers],
            "ref_kinds": [t.ref_kind for t in transfers],
            "ref_ids": [t.ref_id for t in transfers],
            "memos": [t.memo for t in transfers],
            "users": [b.user_id for b in moved],
            "availables": [b.available for b in moved],
            "lockeds": [b.locked for b in moved],
            "versions": [b.version for b in moved],
            **{name: list(column) for name, column in zip(_ENTRY_COLUMNS, columns, strict=True)},
        },
    )
    for balance in moved:
        known = balances[balance.user_id]
        known.available, known.locked, known.version = balance.available, balance.locked, balance.version


_ENTRY_COLUMNS = (
    "e_transfers", "e_wallets", "e_accounts", "e_versions",
    "e_availables", "e_lockeds", "e_available_afters", "e_locked_afters",
)  # fmt: skip
_EntryRow = tuple[UUID, UUID | None, str | None, int | None, Decimal, Decimal, Decimal | None, Decimal | None]


def _entries(transfer_id: UUID, transfer: NewTransfer, now: Mapping[UUID, Balance]) -> list[_EntryRow]:
    """Apply `transfer` to the balances `now`, and return the rows that record it."""
    _require_sound(transfer)
    rows: list[_EntryRow] = []
    for leg in transfer.legs:
        balance = now[leg.wallet]
        _apply(leg, balance)
        rows.append(
            (
                transfer_id, leg.wallet, None, balance.version,
                leg.available, leg.locked, balance.available, balance.locked,
            )
        )  # fmt: skip
    rows += [(transfer_id, None, leg.account.value, None, leg.amount, ZERO, None, None) for leg in transfer.system]
    return rows


def _apply(leg: Leg, balance: Balance) -> None:
    available, locked = balance.available + leg.available, balance.locked + leg.locked
    if available < 0:
        raise InsufficientFunds(available=usdt(balance.available))
    if locked < 0:
        raise LedgerMisused(f"wallet {leg.wallet} has {balance.locked} locked, of which {leg.locked} was to go")
    balance.available, balance.locked, balance.version = available, locked, balance.version + 1


def _require_sound(transfer: NewTransfer) -> None:
    """PostgreSQL would refuse an unbalanced transfer, but would round an inexact one silently."""
    amounts = [amount for leg in transfer.legs for amount in (leg.available, leg.locked)]
    amounts += [leg.amount for leg in transfer.system]
    if sum(amounts) != 0:
        raise LedgerMisused(f"{transfer.kind} {transfer.ref_id} does not sum to zero")
    if any(round(amount, USDT_PLACES) != amount for amount in amounts):
        raise LedgerMisused(f"{transfer.kind} {transfer.ref_id} has more than {USDT_PLACES} decimals")
