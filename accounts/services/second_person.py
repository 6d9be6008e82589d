"""What staff do to accounts only in twos: one asks here, another one approves (`accounts.approvals`)."""

from uuid import UUID

from accounts import approvals
from accounts.errors import RoleUnchanged, TwoFactorOff
from accounts.families import end_sessions
from accounts.models import Approval, EndReason, Role, Session, User
from accounts.services.two_factor import switch_off
from accounts.staff import lock_pair
from iqx.core import audit, events
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case


@use_case
def ask_for_role(*, user_id: UUID, actor_id: UUID, role: Role, reason: str) -> Approval:
    """Ask, as an admin, that somebody become staff, or no longer be.

    Locks: both users, streams. Raises: NotFound, NotAllowed, RoleUnchanged, ApprovalAskedBefore. Emits: staff_called.
    """
    actor, user = lock_pair(actor_id, user_id, needs_admin=True)
    if user.role == role:
        raise RoleUnchanged
    approval, calls = approvals.ask(
        Approval.Kind.ROLE_CHANGE,
        subject_id=user.pk,
        user=user,
        requested_by=actor,
        reason=reason,
        payload={"was": user.role, "role": role},
    )
    events.append(calls)
    return approval


@use_case
def ask_for_two_factor_reset(*, user_id: UUID, actor_id: UUID, reason: str) -> Approval:
    """Ask that a second factor be taken away from who has lost it and his recovery codes; one has seen who he is.

    Locks: both users, streams. Raises: NotFound, NotAllowed, TwoFactorOff, ApprovalAskedBefore. Emits: staff_called.
    """
    actor, user = lock_pair(actor_id, user_id)
    if not user.two_factor:
        raise TwoFactorOff
    approval, calls = approvals.ask(
        Approval.Kind.TWO_FACTOR_RESET, subject_id=user.pk, user=user, requested_by=actor, reason=reason
    )
    events.append(calls)
    return approval


def change_role(approval: Approval, actor: User) -> list[NewEvent]:
    """Carry out a change of role; who was staff starts anew with a fresh session. Locks: the user, his sessions."""
    user = _lock(approval)
    before = audit.values_of(user, "role")
    user.role = approval.payload["role"]
    user.save(update_fields=["role"])
    end_sessions(Session.objects.filter(user=user), EndReason.REVOKED)
    after = audit.values_of(user, "role")
    _write_down("role_changed", actor, approval, user, before, after)
    return []


def reset_two_factor(approval: Approval, actor: User) -> list[NewEvent]:
    """Carry out the reset of a second factor. Locks: the user. Raises: TwoFactorOff."""
    user = _lock(approval)
    if not user.two_factor:
        raise TwoFactorOff
    news = switch_off(user)
    _write_down("two_factor_reset", actor, approval, user, {"two_factor": True}, {"two_factor": False})
    return news


def _lock(approval: Approval) -> User:
    (user,) = lock(LockRank.ACCOUNT, User.objects.filter(pk=approval.user_id))
    return user


def _write_down(
    action: str, actor: User, approval: Approval, user: User, before: dict[str, object], after: dict[str, object]
) -> None:
    audit.record(action, actor=actor, subject=user, user_id=user.pk, before=before, after=after, reason=approval.reason)
