from wallets.models.ledger import Entry, SystemAccount, SystemRollup, Transfer, TransferKind, UnrolledEntry, Wallet
from wallets.models.requests import (
    Adjustment,
    AdjustmentStatus,
    Deposit,
    DepositStatus,
    Withdrawal,
    WithdrawalAddress,
    WithdrawalStatus,
)

__all__ = [
    "Adjustment",
    "AdjustmentStatus",
    "Deposit",
    "DepositStatus",
    "Entry",
    "SystemAccount",
    "SystemRollup",
    "Transfer",
    "TransferKind",
    "UnrolledEntry",
    "Wallet",
    "Withdrawal",
    "WithdrawalAddress",
    "WithdrawalStatus",
]
