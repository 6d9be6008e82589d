from wallets.services.addresses import add_address, delete_address
from wallets.services.adjustments import approve_adjustment, reject_adjustment, request_adjustment
from wallets.services.deposits import confirm_deposit, reject_deposit, request_deposit
from wallets.services.system_accounts import roll_up_system_accounts
from wallets.services.withdrawals import (
    approve_withdrawal,
    cancel_withdrawal,
    preview_withdrawal,
    reject_withdrawal,
    request_withdrawal,
)

__all__ = [
    "add_address",
    "approve_adjustment",
    "approve_withdrawal",
    "cancel_withdrawal",
    "confirm_deposit",
    "delete_address",
    "preview_withdrawal",
    "reject_adjustment",
    "reject_deposit",
    "reject_withdrawal",
    "request_adjustment",
    "request_deposit",
    "request_withdrawal",
    "roll_up_system_accounts",
]
