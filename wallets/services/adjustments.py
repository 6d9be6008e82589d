from decimal import Decimal
from uuid import UUID

from accounts import approvals
from accounts.models import Approval, User
from accounts.staff import require_admin
from iqx.core import audit, clock, events
from iqx.core.events import NewEvent
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

    Raises: NotAllowed, Invalid.
    Emits: staff_called, to the other admins.
    """
    require_admin(actor)
    adjustment, calls = ask_for_adjustment(user=user, amount=amount, reason=reason, requested_by=actor)
    audit.record(
        "adjustment_requested",
        actor=actor,
        subject=adjustment,
        user_id=user.pk,
        after=audit.values_of(adjustment, "status", "amount"),
        reason=reason,
    )
    events.append(calls)
    return adjustment


@use_case
def approve_adjustment(*, adjustment_id: UUID, actor: User, reason: str = "") -> Adjustment:
    """Make the correction that another admin asked for, of somebody else's balance.

    Locks: what was asked for, the adjustment, the wallet, streams.
    Raises: NotAllowed, MoneyRequestNotFound, WrongRequestStatus, SecondPersonRequired, ApprovalExpired,
        InsufficientFunds, Busy.
    Emits: wallet_updated; staff_called, to who asked.
    """
    adjustment, told = _settle(adjustment_id, actor, Approval.Status.APPROVED, reason)
    events.append([*told, *_make(adjustment, actor, reason)])
    return adjustment


@use_case
def reject_adjustment(*, adjustment_id: UUID, actor: User, reason: str = "") -> Adjustment:
    """Refuse the correction that another admin asked for.

    Locks: what was asked for, the adjustment, streams.
    Raises: NotAllowed, MoneyRequestNotFound, WrongRequestStatus, SecondPersonRequired, ApprovalExpired, Busy.
    Emits: staff_called, to who asked.
    """
    adjustment, told = _settle(adjustment_id, actor, Approval.Status.REFUSED, reason)
    _decide(adjustment, actor, AdjustmentStatus.REJECTED, reason)
    events.append(told)
    return adjustment


def make_approved(approval: Approval, actor: User) -> list[NewEvent]:
    """Carry out what another admin approved among the approvals. Locks: the adjustment, the wallet."""
    return _make(_locked(approval.subject_id), actor, approval.note)


def let_go(approval: Approval, actor: User | None) -> None:
    """End what was refused, or what nobody decided on. Locks: the adjustment."""
    adjustment = _locked(approval.subject_id)
    if actor is not None:
        _decide(adjustment, actor, AdjustmentStatus.REJECTED, approval.note)
    elif adjustment.status == AdjustmentStatus.PENDING:
        _save(adjustment, AdjustmentStatus.DROPPED)


def _settle(
    adjustment_id: UUID, actor: User, status: Approval.Status, reason: str
) -> tuple[Adjustment, list[NewEvent]]:
    """Lock an adjustment, and decide on what was asked for about it; the events tell who asked."""
    require_admin(actor)
    asked = approvals.lock_pending(Approval.Kind.ADJUSTMENT, adjustment_id)
    adjustment = _locked(adjustment_id)
    for involved in (adjustment.requested_by_id, adjustment.user_id):
        require_other_person(actor, involved)
    if asked is None:
        raise WrongRequestStatus(current_status=adjustment.status)
    return adjustment, [approvals.settle(asked, actor, status, reason)]


def _make(adjustment: Adjustment, actor: User, reason: str) -> list[NewEvent]:
    _decide(adjustment, actor, AdjustmentStatus.APPROVED, reason)
    balances = lock_wallets([adjustment.user_id])
    leg = Leg(adjustment.user_id, available=adjustment.amount)
    other_side = SystemLeg(SystemAccount.ADJUSTMENTS, -adjustment.amount)
    transfer = NewTransfer(
        TransferKind.ADJUSTMENT, "adjustment", adjustment.id, (leg,), (other_side,), memo=adjustment.reason
    )
    post(balances, [transfer])
    return [wallet_updated(balances[adjustment.user_id])]


def _decide(adjustment: Adjustment, actor: User, status: AdjustmentStatus, reason: str) -> None:
    if adjustment.status != AdjustmentStatus.PENDING:
        raise WrongRequestStatus(current_status=adjustment.status)
    adjustment.decided_by = actor
    _save(adjustment, status)
    audit.record(
        f"adjustment_{status}",
        actor=actor,
        subject=adjustment,
        user_id=adjustment.user_id,
        before={"status": AdjustmentStatus.PENDING},
        after=audit.values_of(adjustment, "status", "amount"),
        reason=reason or adjustment.reason,
    )


def _save(adjustment: Adjustment, status: AdjustmentStatus) -> None:
    adjustment.status, adjustment.decided_at, adjustment.due_at = status, clock.now(), None
    adjustment.save(update_fields=["status", "decided_by", "decided_at", "due_at"])


def _locked(adjustment_id: UUID) -> Adjustment:
    adjustment = lock_one(LockRank.MONEY_REQUEST, Adjustment.objects.filter(pk=adjustment_id))
    if adjustment is None:
        raise MoneyRequestNotFound
    return adjustment
