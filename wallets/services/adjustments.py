from decimal import Decimal
from uuid import UUID

from accounts.models import User
from accounts.staff import require_admin
from iqx.core import audit, clock, events
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from wallets.corrections import ask_for_adjustment
from wallets.errors import MoneyRequestNotFound, WrongRequestStatus
from wallets.events import wallet_updated
from wallets.ledger import Leg, NewTransfer, SystemLeg, lock_wallets, post
from wallets.models import Adjustment, AdjustmentStatus, SystemAccount, TransferKind
from wallets.services.staff import require_other_person


@use_case
def request_adjustment(*, user: User, amount: Decimal, reason: str, actor: User) -> Adjustment:
    """Ask that `amount` be added to (or, negative, taken from) a user's available balance. Moves nothing yet.

    Raises: NotAllowed.
    """
    require_admin(actor)
    adjustment = ask_for_adjustment(user=user, amount=amount, reason=reason, requested_by=actor)
    audit.record(
        "adjustment_requested",
        actor=actor,
        subject=adjustment,
        user_id=user.pk,
        after=audit.values_of(adjustment, "status", "amount"),
        reason=reason,
    )
    return adjustment


@use_case
def approve_adjustment(*, adjustment_id: UUID, actor: User) -> Adjustment:
    """Make the correction that another admin asked for, of somebody else's balance.

    Locks: the adjustment, the wallet, its owner's stream.
    Raises: NotAllowed, MoneyRequestNotFound, WrongRequestStatus, SecondPersonRequired, InsufficientFunds, Busy.
    Emits: wallet_updated.
    """
    adjustment = _decide(adjustment_id, actor, AdjustmentStatus.APPROVED)
    balances = lock_wallets([adjustment.user_id])
    leg = Leg(adjustment.user_id, available=adjustment.amount)
    other_side = SystemLeg(SystemAccount.ADJUSTMENTS, -adjustment.amount)
    transfer = NewTransfer(
        TransferKind.ADJUSTMENT, "adjustment", adjustment.id, (leg,), (other_side,), memo=adjustment.reason
    )
    post(balances, [transfer])
    events.append([wallet_updated(balances[adjustment.user_id])])
    return adjustment


@use_case
def reject_adjustment(*, adjustment_id: UUID, actor: User) -> Adjustment:
    """Refuse the correction that another admin asked for.

    Locks: the adjustment.
    Raises: NotAllowed, MoneyRequestNotFound, WrongRequestStatus, SecondPersonRequired, Busy.
    """
    return _decide(adjustment_id, actor, AdjustmentStatus.REJECTED)


def _decide(adjustment_id: UUID, actor: User, status: AdjustmentStatus) -> Adjustment:
    require_admin(actor)
    adjustment = lock_one(LockRank.MONEY_REQUEST, Adjustment.objects.filter(pk=adjustment_id))
    if adjustment is None:
        raise MoneyRequestNotFound
    for involved in (adjustment.requested_by_id, adjustment.user_id):
        require_other_person(actor, involved)
    if adjustment.status != AdjustmentStatus.PENDING:
        raise WrongRequestStatus(current_status=adjustment.status)
    adjustment.status, adjustment.decided_by, adjustment.decided_at = status, actor, clock.now()
    adjustment.due_at = None
    adjustment.save(update_fields=["status", "decided_by", "decided_at", "due_at"])
    audit.record(
        f"adjustment_{status}",
        actor=actor,
        subject=adjustment,
        user_id=adjustment.user_id,
        before={"status": AdjustmentStatus.PENDING},
        after=audit.values_of(adjustment, "status", "amount"),
        reason=adjustment.reason,
    )
    return adjustment
