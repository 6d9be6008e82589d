"""Four eyes: what one of staff asks for, and another one decides on.

`ask` and `settle` are engines for the use case that owns the matter; `approve` and `refuse` are use cases for any kind.
An upper app that has something to approve registers what is to happen then (`AppConfig.ready`), and what if not.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.duties import calls_to_staff, due_in
from accounts.errors import ApprovalAskedBefore, ApprovalExpired, ApprovalWrongStatus, SecondPersonRequired
from accounts.models import Approval, Role, User
from accounts.staff import require_admin, require_staff
from iqx.core import audit, clock, events, rounds
from iqx.core.clock import rfc3339
from iqx.core.errors import Invalid, NotAllowed, NotFound
from iqx.core.events import NewEvent, user_stream
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case

Kind = Approval.Kind
Status = Approval.Status

_STANDS: Final = "stands"
_AGES: Final = timedelta(days=36_500)

CarryOut = Callable[[Approval, User], list[NewEvent]]
"""Makes happen what was approved, on the approval that is locked; returns the events that tell of it."""

LetGo = Callable[[Approval, User | None], None]
"""Ends what was asked for and will not be: refused by whom, or, with nobody, expired or taken back."""

_carry_out: Final[dict[str, CarryOut]] = {}
_let_go: Final[dict[str, LetGo]] = {}


def register(kind: Approval.Kind, carry_out: CarryOut, let_go: LetGo = lambda _approval, _actor: None) -> None:
    _carry_out[kind], _let_go[kind] = carry_out, let_go


def approvals() -> QuerySet[Approval]:
    """All of them, with the people in them."""
    return Approval.objects.select_related("user", "requested_by", "decided_by")


def ask(
    kind: Approval.Kind,
    *,
    subject_id: UUID,
    user: User,
    requested_by: User,
    reason: str,
    payload: Mapping[str, Any] | None = None,
    stands: bool = False,
) -> tuple[Approval, list[NewEvent]]:
    """Ask for a second person, as one who passed the gate; and the events that call the other admins.

    What `stands` is decided on, however late: it neither expires nor is taken back.

    Raises: Invalid: there is no reason. ApprovalAskedBefore. NotAllowed: it is about himself.
    """
    if requested_by == user:
        raise NotAllowed
    if not reason.strip():
        raise Invalid("Say why: the second person judges by it.", field="reason")
    if Approval.objects.filter(kind=kind, subject_id=subject_id, status=Status.PENDING).exists():
        raise ApprovalAskedBefore
    now = clock.now()
    approval = Approval.objects.create(
        kind=kind,
        subject_id=subject_id,
        user=user,
        payload={**(payload or {}), **({_STANDS: True} if stands else {})},
        reason=reason,
        requested_by=requested_by,
        due_at=due_in("approval"),
        created_at=now,
        expires_at=now + (_AGES if stands else timedelta(seconds=settings.APPROVAL_SECONDS)),
    )
    audit.record(
        "approval_requested",
        actor=requested_by,
        subject=approval,
        user_id=user.pk,
        after={"kind": kind, "subject": subject_id, **approval.payload},
        reason=reason,
    )
    because = f"{kind.label}: {reason}"
    calls = calls_to_staff("approval", "asked", [approval.pk], (Role.ADMIN,), because=because)
    mine = user_stream(requested_by.pk)
    return approval, [call for call in calls if call.stream != mine]


def lock_pending(kind: Approval.Kind, subject_id: UUID) -> Approval | None:
    """Lock what was asked for about a subject and is not decided."""
    rows = approvals().filter(kind=kind, subject_id=subject_id, status=Status.PENDING)
    return lock_one(LockRank.ACCOUNT, rows)


def drop(approval: Approval | None) -> None:
    """What a locked approval was asked for has ended some other way."""
    if approval is not None:
        _save(approval, Status.DROPPED)


def settle(approval: Approval, actor: User, status: Approval.Status, note: str = "") -> NewEvent:
    """Decide on a locked approval, as an admin who passed the gate; the event tells who asked.

    Raises: SecondPersonRequired: `actor` asked for it himself, or it is about him. ApprovalWrongStatus,
        ApprovalExpired.
    """
    if actor.pk in {approval.requested_by_id, approval.user_id}:
        raise SecondPersonRequired
    if approval.status != Status.PENDING:
        raise ApprovalWrongStatus(current_status=approval.status)
    if approval.expires_at <= clock.now():
        raise ApprovalExpired
    approval.decided_by, approval.note = actor, note
    _save(approval, status)
    audit.record(
        f"approval_{status}",
        actor=actor,
        subject=approval,
        user_id=approval.user_id,
        before={"status": Status.PENDING},
        after={"kind": approval.kind, "subject": approval.subject_id, **approval.payload},
        reason=note,
    )
    return _told(approval)


@use_case
def approve(*, approval_id: UUID, actor: User, note: str = "") -> Approval:
    """Let happen, as another admin, what was asked for.

    Locks: the approval, and what its kind needs.
    Raises: NotAllowed, NotFound, SecondPersonRequired, ApprovalWrongStatus, ApprovalExpired, and what the kind raises.
    Emits: staff_called, to who asked, and what follows.
    """
    approval = _locked(approval_id, actor)
    told = settle(approval, actor, Status.APPROVED, note)
    events.append([told, *_carry_out[approval.kind](approval, actor)])
    return approval


@use_case
def refuse(*, approval_id: UUID, actor: User, note: str) -> Approval:
    """Say no, as another admin: nothing happens. Locks and raises as `approve` does. Emits: staff_called."""
    approval = _locked(approval_id, actor)
    told = settle(approval, actor, Status.REFUSED, note)
    _let_go[approval.kind](approval, actor)
    events.append([told])
    return approval


@use_case
def take_back(*, approval_id: UUID, actor: User) -> Approval:
    """Ask no more, as who asked. Locks: the approval. Raises: NotAllowed, NotFound, ApprovalWrongStatus."""
    require_staff(actor)
    approval = lock_one(LockRank.ACCOUNT, approvals().filter(pk=approval_id))
    if approval is None:
        raise NotFound
    if approval.requested_by_id != actor.pk or approval.payload.get(_STANDS):
        raise NotAllowed
    if approval.status != Status.PENDING:
        raise ApprovalWrongStatus(current_status=approval.status)
    _save(approval, Status.DROPPED)
    _let_go[approval.kind](approval, None)
    audit.record("approval_dropped", actor=actor, subject=approval, user_id=approval.user_id)
    return approval


def expire_approvals(limit: int = 100) -> int:
    """End what nobody decided on in time; how many there were."""
    due = Approval.objects.filter(status=Status.PENDING, expires_at__lte=clock.now())
    return rounds.each(list(due.values_list("pk", flat=True)[:limit]), _expire)


@use_case
def _expire(approval_id: UUID) -> bool:
    """Locks: the approval, streams. Emits: staff_called, to who asked."""
    rows = approvals().filter(pk=approval_id, status=Status.PENDING, expires_at__lte=clock.now())
    claimed = lock(LockRank.ACCOUNT, rows, skip_locked=True)
    for approval in claimed:
        _save(approval, Status.EXPIRED)
        _let_go[approval.kind](approval, None)
        events.append([_told(approval)])
    return bool(claimed)


def _locked(approval_id: UUID, actor: User) -> Approval:
    require_admin(actor)
    approval = lock_one(LockRank.ACCOUNT, approvals().filter(pk=approval_id))
    if approval is None:
        raise NotFound
    return approval


def _save(approval: Approval, status: Approval.Status) -> None:
    approval.status, approval.decided_at, approval.due_at = status, clock.now(), None
    approval.save(update_fields=["status", "decided_by", "note", "decided_at", "due_at"])


def _told(approval: Approval) -> NewEvent:
    data = {
        "duty": "approval",
        "reason": "decided",
        "because": f"{Kind(approval.kind).label}: {approval.status}. {approval.note}".strip(),
        "count": 1,
        "subjects": [str(approval.pk)],
        "at": rfc3339(clock.now()),
    }
    return NewEvent(user_stream(approval.requested_by_id), "staff_called", data)
