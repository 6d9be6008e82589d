from django.db import transaction

from iqx.core import metrics
from iqx.core.events import NewEvent, user_stream
from wallets.ledger import Balance
from wallets.models import Deposit, Withdrawal
from wallets.representations import deposit_json, wallet_json, withdrawal_json


def wallet_updated(balance: Balance) -> NewEvent:
    return NewEvent(user_stream(balance.user_id), "wallet_updated", wallet_json(balance))


def deposit_updated(deposit: Deposit) -> NewEvent:
    _count("deposit", deposit)
    return NewEvent(user_stream(deposit.user_id), "deposit_updated", deposit_json(deposit))


def withdrawal_updated(withdrawal: Withdrawal) -> NewEvent:
    _count("withdrawal", withdrawal)
    return NewEvent(user_stream(withdrawal.user_id), "withdrawal_updated", withdrawal_json(withdrawal))


def _count(kind: str, request: Deposit | Withdrawal) -> None:
    """Count a step of it, once it is committed."""
    status, amount = request.status, float(request.amount)  # a metric, not money

    def count() -> None:
        metrics.money_requests.labels(kind, status).inc()
        metrics.money_amount.labels(kind, status).inc(amount)

    transaction.on_commit(count)
