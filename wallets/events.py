from iqx.core.events import NewEvent, user_stream
from wallets.ledger import Balance
from wallets.representations import wallet_json


def wallet_updated(balance: Balance) -> NewEvent:
    return NewEvent(user_stream(balance.user_id), "wallet_updated", wallet_json(balance))
