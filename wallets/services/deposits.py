from decimal import Decimal
from uuid import UUID

from django.conf import settings

from accounts.duties import due_in
from accounts.models import User
from accounts.staff import require_admin
from iqx.core import audit, clock, events
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from wallets.errors import MoneyRequestNotFound, WrongRequestStatus
from wallets.events import deposit_updated, wallet_updated
from wallets.gateways import MANUAL, SANDBOX
from wallets.ledger import Balance, Leg, NewTransfer, SystemLeg, lock_wallets, post
from wallets.limits import require_deposit_within_limit
from wallets.models import Deposit, DepositStatus, SystemAccount, TransferKind
from wallets.services.staff import require_other_person


@use_case
def request_deposit(*, user: User, amount: Decimal) -> Deposit:
    """Credit a deposit at once on the sandbox network; elsewhere record it until staff confirm it.

    Locks: the user's wallet and stream.
    Raises: LimitExceeded, Busy.
    Emits: deposit_updated and, when credited, wallet_updated.
    """
    balance = lock_wallets([user.id])[user.id]
    require_deposit_within_limit(user, amount)
    now = clock.now()
    deposit = Deposit(
        user=user,
        amount=amount,
        network=MANUAL if settings.PRODUCTION else SANDBOX,
        status=DepositStatus.PENDING if settings.PRODUCTION else DepositStatus.CONFIRMED,
        due_at=due_in("deposit") if settings.PRODUCTION else None,
        created_at=now,
        updated_at=now,
    )
    deposit.save(force_insert=True)
    if deposit.status == DepositStatus.PENDING:
        events.append([deposit_updated(deposit)])
    else:
        _credit(deposit, balance)
    return deposit


@use_case
def confirm_deposit(*, deposit_id: UUID, actor: User, reason: str = "") -> Deposit:
    """Credit a deposit that an admin has seen arrive.

    Locks: the deposit, its wallet, its owner's stream.
    Raises: NotAllowed, MoneyRequestNotFound, SecondPersonRequired, WrongRequestStatus, Busy.
    Emits: deposit_updated, wallet_updated.
    """
    deposit = _decide(deposit_id, actor, DepositStatus.CONFIRMED, reason=reason)
    _credit(deposit, lock_wallets([deposit.user_id])[deposit.user_id])
    return deposit


@use_case
def reject_deposit(*, deposit_id: UUID, actor: User, reason: str) -> Deposit:
    """Close a deposit that never arrived.

    Locks: the deposit, its owner's stream.
    Raises: NotAllowed, MoneyRequestNotFound, SecondPersonRequired, WrongRequestStatus, Busy.
    Emits: deposit_updated.
    """
    deposit = _decide(deposit_id, actor, DepositStatus.REJECTED, reason=reason)
    events.append([deposit_updated(deposit)])
    return deposit


def _decide(deposit_id: UUID, actor: User, status: DepositStatus, *, reason: str) -> Deposit:
    require_admin(actor)
    deposit = lock_one(LockRank.MONEY_REQUEST, Deposit.objects.filter(pk=deposit_id))
    if deposit is None:
        raise MoneyRequestNotFound
    require_other_person(actor, deposit.user_id)
    if deposit.status != DepositStatus.PENDING:
        raise WrongRequestStatus(current_status=deposit.status)
    deposit.status, deposit.reason = status, reason if status == DepositStatus.REJECTED else ""
    deposit.reviewed_by, deposit.updated_at, deposit.due_at = actor, clock.now(), None
    deposit.save(update_fields=["status", "reason", "reviewed_by", "due_at", "updated_at"])
    audit.record(
        f"deposit_{status}",
        actor=actor,
        subject=deposit,
        user_id=deposit.user_id,
        before={"status": DepositStatus.PENDING},
        after=audit.values_of(deposit, "status", "amount"),
        reason=reason,
    )
    return deposit


def _credit(deposit: Deposit, balance: Balance) -> None:
    leg = Leg(deposit.user_id, available=deposit.amount)
    custody = SystemLeg(SystemAccount.CUSTODY, -deposit.amount)
    post({balance.user_id: balance}, [NewTransfer(TransferKind.DEPOSIT, "deposit", deposit.id, (leg,), (custody,))])
    events.append([deposit_updated(deposit), wallet_updated(balance)])
