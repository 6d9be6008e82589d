from iqx.core.events import NewEvent, user_stream
from wallets.ledger import Balance
from wallets.models import Deposit, Withdrawal
from wallets.representations import deposit_json, wallet_json, withdrawal_json


def wallet_updated(balance: Balance) -> NewEvent:
    return NewEvent(user_stream(balance.user_id), "wallet_updated", wallet_json(balance))


def deposit_updated(deposit: Deposit) -> NewEvent:
    return NewEvent(user_stream(deposit.user_id), "deposit_updated", deposit_json(deposit))


def withdrawal_updated(withdrawal: Withdrawal) -> NewEvent:
    return NewEvent(user_stream(withdrawal.user_id), "withdrawal_updated", withdrawal_json(withdrawal))
