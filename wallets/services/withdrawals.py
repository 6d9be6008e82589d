from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts import approvals
from accounts.duties import due_in
from accounts.holds import require_no_hold
from accounts.models import Approval, User
from accounts.staff import require_admin
from accounts.step_up import require_second_factor
from iqx.core import audit, clock, events
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.money import usdt
from iqx.core.transactions import rehearse, use_case
from wallets.errors import MoneyRequestNotFound, WrongRequestStatus
from wallets.events import wallet_updated, withdrawal_updated
from wallets.gateways import SANDBOX, gateway_for, require_address
from wallets.holds import require_known_address, require_not_held
from wallets.ledger import lock_wallets, post
from wallets.limits import require_withdrawal_within_limit
from wallets.models import Withdrawal, WithdrawalStatus
from wallets.services.staff import require_other_person
from wallets.withdrawal_states import Action, advance, lock_funds, pay_out, return_funds


@use_case
def request_withdrawal(
    *, user: User, amount: Decimal, address: str, network: str = SANDBOX, otp: str = ""
) -> Withdrawal:
    """Lock `amount`, which is what arrives, and the fee on top of it, until the withdrawal is decided.

    Locks: the user, his wallet and stream.
    Raises: NetworkUnavailable, Invalid, OtpRequired, OtpInvalid, WithdrawalsHeld, LimitExceeded, WithdrawalHeld,
        InsufficientFunds, Busy.
    Emits: withdrawal_updated, wallet_updated.
    """
    require_address(network, address)
    require_no_hold(require_second_factor(user.pk, otp))
    return _request(user, amount, address, network)


def preview_withdrawal(*, user: User, amount: Decimal, address: str, network: str = SANDBOX) -> Withdrawal:
    """What `request_withdrawal` would write, with all of its checks but that of the second factor, and no effect.

    Raises: as that does, but OtpRequired and OtpInvalid.
    """
    return rehearse(lambda: _preview(user=user, amount=amount, address=address, network=network))


@use_case
def _preview(*, user: User, amount: Decimal, address: str, network: str) -> Withdrawal:
    require_address(network, address)
    (owner,) = lock(LockRank.ACCOUNT, User.objects.filter(pk=user.pk))
    require_no_hold(owner)
    return _request(user, amount, address, network)


def _request(user: User, amount: Decimal, address: str, network: str) -> Withdrawal:
    balances = lock_wallets([user.id])
    require_withdrawal_within_limit(user, amount)
    now = clock.now()
    require_known_address(user, network, address, now)
    require_not_held(user, amount + settings.WITHDRAWAL_FEE, balances[user.id].available, now)
    withdrawal = Withdrawal(
        user=user,
        amount=amount,
        fee=settings.WITHDRAWAL_FEE,
        address=address,
        network=network,
        needs_second=amount > settings.WITHDRAWAL_SECOND_PERSON_ABOVE,
        due_at=due_in("withdrawal"),
        created_at=now,
        updated_at=now,
    )
    post(balances, [lock_funds(withdrawal)])
    withdrawal.save(force_insert=True)
    events.append([withdrawal_updated(withdrawal), wallet_updated(balances[user.id])])
    return withdrawal


@use_case
def cancel_withdrawal(*, withdrawal_id: UUID, user: User) -> Withdrawal:
    """Take back one's own withdrawal while nobody has decided on it.

    Locks: the withdrawal, the wallet, the user's stream.
    Raises: MoneyRequestNotFound, WrongRequestStatus, Busy.
    Emits: withdrawal_updated, wallet_updated.
    """
    asked = approvals.lock_pending(Approval.Kind.WITHDRAWAL, withdrawal_id)
    withdrawal = _locked(Withdrawal.objects.filter(pk=withdrawal_id, user=user))
    advance(withdrawal, Action.CANCEL)
    approvals.drop(asked)
    _give_back(withdrawal)
    return withdrawal


@use_case
def reject_withdrawal(*, withdrawal_id: UUID, actor: User, reason: str) -> Withdrawal:
    """Refuse a withdrawal and give its funds back.

    Locks: the withdrawal, its wallet, its owner's stream.
    Raises: NotAllowed, MoneyRequestNotFound, SecondPersonRequired, WrongRequestStatus, Busy.
    Emits: withdrawal_updated, wallet_updated.
    """
    require_admin(actor)
    asked = approvals.lock_pending(Approval.Kind.WITHDRAWAL, withdrawal_id)
    withdrawal = _locked(Withdrawal.objects.filter(pk=withdrawal_id))
    require_other_person(actor, withdrawal.user_id)
    advance(withdrawal, Action.REJECT)
    approvals.drop(asked)
    withdrawal.reason, withdrawal.reviewed_by = reason, actor
    _write_down("withdrawal_rejected", actor, withdrawal, reason)
    _give_back(withdrawal)
    return withdrawal


@use_case
def approve_withdrawal(*, withdrawal_id: UUID, actor: User, reason: str = "") -> Withdrawal:
    """Approve, send and confirm: the sandbox network takes no time.

    Above a limit the first admin asks for a second one, and nothing moves until he approves, here or among the
    approvals.

    Locks: what was asked for, the withdrawal, its wallet, streams.
    Raises: NotAllowed, MoneyRequestNotFound, SecondPersonRequired, NetworkUnavailable, WrongRequestStatus,
        ApprovalExpired, Busy.
    Emits: withdrawal_updated for each of the three steps, wallet_updated; staff_called.
    """
    require_admin(actor)
    asked = approvals.lock_pending(Approval.Kind.WITHDRAWAL, withdrawal_id)
    withdrawal = _locked(Withdrawal.objects.filter(pk=withdrawal_id).select_related("user"))
    require_other_person(actor, withdrawal.user_id)
    if not withdrawal.needs_second:
        events.append(_send(withdrawal, actor, reason))
    elif asked is None:
        events.append(_ask_for_second(withdrawal, actor, reason))
    else:
        told = approvals.settle(asked, actor, Approval.Status.APPROVED, reason)
        events.append([told, *_send(withdrawal, actor, reason, first=asked.requested_by)])
    return withdrawal


def send_approved(approval: Approval, actor: User) -> list[NewEvent]:
    """Carry out what the second admin approved among the approvals. Locks: the withdrawal, its wallet."""
    withdrawal = _locked(Withdrawal.objects.filter(pk=approval.subject_id))
    return _send(withdrawal, actor, approval.note, first=approval.requested_by)


def _ask_for_second(withdrawal: Withdrawal, actor: User, reason: str) -> list[NewEvent]:
    if withdrawal.status != WithdrawalStatus.PENDING:
        raise WrongRequestStatus(current_status=withdrawal.status)
    _, calls = approvals.ask(
        Approval.Kind.WITHDRAWAL,
        subject_id=withdrawal.pk,
        user=withdrawal.user,
        requested_by=actor,
        reason=reason or f"{usdt(withdrawal.amount)} USDT, above the limit of one admin",
        payload={"amount": usdt(withdrawal.amount), "network": withdrawal.network, "address": withdrawal.address},
    )
    return calls


def _send(withdrawal: Withdrawal, actor: User, reason: str, first: User | None = None) -> list[NewEvent]:
    gateway = gateway_for(withdrawal.network)
    advance(withdrawal, Action.APPROVE)
    withdrawal.first_approved_by, withdrawal.reviewed_by, withdrawal.updated_at = first, actor, clock.now()
    news = [withdrawal_updated(withdrawal)]
    advance(withdrawal, Action.SEND)
    withdrawal.tx_hash = gateway.send(withdrawal.id)
    news.append(withdrawal_updated(withdrawal))
    advance(withdrawal, Action.CONFIRM)
    news.append(withdrawal_updated(withdrawal))
    _write_down("withdrawal_approved", actor, withdrawal, reason)
    balances = lock_wallets([withdrawal.user_id])
    post(balances, [pay_out(withdrawal)])
    withdrawal.save(update_fields=["status", "tx_hash", "first_approved_by", "reviewed_by", "due_at", "updated_at"])
    return [*news, wallet_updated(balances[withdrawal.user_id])]


def _write_down(action: str, actor: User, withdrawal: Withdrawal, reason: str) -> None:
    audit.record(
        action,
        actor=actor,
        subject=withdrawal,
        user_id=withdrawal.user_id,
        before={"status": WithdrawalStatus.PENDING},
        after=audit.values_of(withdrawal, "status", "amount", "network", "address", "tx_hash"),
        reason=reason,
    )


def _locked(rows: QuerySet[Withdrawal]) -> Withdrawal:
    withdrawal = lock_one(LockRank.MONEY_REQUEST, rows)
    if withdrawal is None:
        raise MoneyRequestNotFound
    return withdrawal


def _give_back(withdrawal: Withdrawal) -> None:
    balances = lock_wallets([withdrawal.user_id])
    post(balances, [return_funds(withdrawal)])
    withdrawal.updated_at = clock.now()
    withdrawal.save(update_fields=["status", "reason", "reviewed_by", "due_at", "updated_at"])
    events.append([withdrawal_updated(withdrawal), wallet_updated(balances[withdrawal.user_id])])
