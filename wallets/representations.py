"""The one form of wallets and money requests, in REST and in events alike."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.money import CURRENCY, ZERO, usdt
from wallets.holds import Hold, withdrawable
from wallets.models import Deposit, Entry, Withdrawal, WithdrawalAddress


class HasBalance(Protocol):
    """A wallet, locked or not."""

    available: Decimal
    locked: Decimal


def wallet_json(balance: HasBalance) -> dict[str, Any]:
    return {
        "currency": CURRENCY,
        "available": usdt(balance.available),
        "locked": usdt(balance.locked),
        "total": usdt(balance.available + balance.locked),
    }


def own_wallet_json(balance: HasBalance, holds: Sequence[Hold]) -> dict[str, Any]:
    """A wallet with what of it may be withdrawn now, and why not the rest."""
    return wallet_json(balance) | {
        "withdrawable": usdt(withdrawable(balance.available, holds)),
        "holds": [
            {"rule": hold.rule, "amount": usdt(hold.amount), "until": rfc3339(hold.until), "because": hold.because}
            for hold in holds
        ],
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """A line of a wallet's statement; `id` is the transfer's, of which a wallet has one entry."""
    return {
        "id": str(entry.transfer_id),
        "version": entry.version,
        "kind": entry.transfer.kind,
        "ref_kind": entry.transfer.ref_kind,
        "ref": str(entry.transfer.ref_id),
        "available_delta": usdt(entry.available_delta),
        "locked_delta": usdt(entry.locked_delta),
        "available_after": usdt(entry.available_after or ZERO),
        "locked_after": usdt(entry.locked_after or ZERO),
        "memo": entry.transfer.memo,
        "created_at": rfc3339(entry.transfer.created_at),
    }


def deposit_json(deposit: Deposit) -> dict[str, Any]:
    return {
        "id": str(deposit.id),
        "amount": usdt(deposit.amount),
        "status": deposit.status,
        "network": deposit.network,
        "tx_hash": deposit.tx_hash or None,
        "reason": deposit.reason or None,
        "due_at": rfc3339_or_none(deposit.due_at),
        "created_at": rfc3339(deposit.created_at),
        "updated_at": rfc3339(deposit.updated_at),
    }


def withdrawal_json(withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "id": str(withdrawal.id),
        "amount": usdt(withdrawal.amount),
        "fee": usdt(withdrawal.fee),
        "address": withdrawal.address,
        "network": withdrawal.network,
        "status": withdrawal.status,
        "tx_hash": withdrawal.tx_hash or None,
        "reason": withdrawal.reason or None,
        "due_at": rfc3339_or_none(withdrawal.due_at),
        "created_at": rfc3339(withdrawal.created_at),
        "updated_at": rfc3339(withdrawal.updated_at),
    }


def address_json(entry: WithdrawalAddress) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "name": entry.name,
        "address": entry.address,
        "network": entry.network,
        "created_at": rfc3339(entry.created_at),
    }
