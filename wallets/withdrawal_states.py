"""A withdrawal's life as a table: what may happen in which status, and what each status means for the money."""

from enum import StrEnum

from wallets.errors import WrongRequestStatus
from wallets.ledger import Leg, NewTransfer, SystemLeg
from wallets.models import SystemAccount, TransferKind, Withdrawal, WithdrawalStatus


class Action(StrEnum):
    CANCEL = "cancel"  # by its owner
    REJECT = "reject"  # by staff
    APPROVE = "approve"  # by staff
    SEND = "send"  # by the network's gateway
    CONFIRM = "confirm"  # by the network's gateway


TRANSITIONS = {
    (WithdrawalStatus.PENDING, Action.CANCEL): WithdrawalStatus.CANCELLED,
    (WithdrawalStatus.PENDING, Action.REJECT): WithdrawalStatus.REJECTED,
    (WithdrawalStatus.PENDING, Action.APPROVE): WithdrawalStatus.APPROVED,
    (WithdrawalStatus.APPROVED, Action.SEND): WithdrawalStatus.SENT,
    (WithdrawalStatus.SENT, Action.CONFIRM): WithdrawalStatus.CONFIRMED,
}
LOCKING = (WithdrawalStatus.PENDING, WithdrawalStatus.APPROVED, WithdrawalStatus.SENT)


def advance(withdrawal: Withdrawal, action: Action) -> None:
    """Move a withdrawal, whose row is locked, to the status that follows.

    Raises:
        WrongRequestStatus: the table has no such step.
    """
    following = TRANSITIONS.get((WithdrawalStatus(withdrawal.status), action))
    if following is None:
        raise WrongRequestStatus(current_status=withdrawal.status)
    withdrawal.status = following
    if following in Withdrawal.FINAL:
        withdrawal.due_at = None


def lock_funds(withdrawal: Withdrawal) -> NewTransfer:
    total = withdrawal.amount + withdrawal.fee
    return _transfer(TransferKind.WITHDRAWAL_REQUEST, withdrawal, Leg(withdrawal.user_id, -total, total))


def return_funds(withdrawal: Withdrawal) -> NewTransfer:
    total = withdrawal.amount + withdrawal.fee
    return _transfer(TransferKind.WITHDRAWAL_RETURN, withdrawal, Leg(withdrawal.user_id, total, -total))


def pay_out(withdrawal: Withdrawal) -> NewTransfer:
    leg = Leg(withdrawal.user_id, locked=-(withdrawal.amount + withdrawal.fee))
    system = [SystemLeg(SystemAccount.CUSTODY, withdrawal.amount)]
    if withdrawal.fee:
        system.append(SystemLeg(SystemAccount.WITHDRAWAL_FEES, withdrawal.fee))
    return _transfer(TransferKind.WITHDRAWAL_SENT, withdrawal, leg, *system)


def _transfer(kind: TransferKind, withdrawal: Withdrawal, leg: Leg, *system: SystemLeg) -> NewTransfer:
    return NewTransfer(kind, "withdrawal", withdrawal.id, (leg,), system)
