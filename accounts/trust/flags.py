"""Flags: what rules found is raised here, and staff decide on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.errors import FlagWrongStatus
from accounts.models import Flag, User
from accounts.trust.rules import Severity, Spec
from iqx.core import clock
from iqx.core.errors import NotAllowed, NotFound
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case

DECIDED_WITHIN: Final = {
    Severity.HIGH: timedelta(hours=24),
    Severity.MEDIUM: timedelta(hours=72),
    Severity.LOW: timedelta(days=7),
}
QUIET_AFTER_DECISION: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule, one that has a severity, found; `because` is its sentence with the facts filled in."""

    rule: Spec
    kind: Flag.Subject
    subject_id: UUID
    user_id: UUID
    because: str

    @property
    def key(self) -> tuple[str, str, UUID]:
        return self.rule.code, self.kind, self.subject_id


def raise_flags(findings: Collection[Finding]) -> None:
    """Flag what isn't flagged yet, and wasn't decided on within the last week: two statements, however many.

    For a use case that holds the round; a flag that is open stays as it is.
    """
    now = clock.now()
    decided = Flag.objects.filter(
        subject_id__in={finding.subject_id for finding in findings}, decided_at__gt=now - QUIET_AFTER_DECISION
    )
    quiet = set(decided.values_list("code", "subject_kind", "subject_id"))
    news = [_flag(finding) for finding in findings if finding.key not in quiet]
    Flag.objects.bulk_create(news, ignore_conflicts=True)


def _flag(finding: Finding) -> Flag:
    severity, now = finding.rule.severity, clock.now()
    if severity is None:
        raise ValueError(finding.rule.code)
    return Flag(
        code=finding.rule.code,
        subject_kind=finding.kind,
        subject_id=finding.subject_id,
        user_id=finding.user_id,
        severity=severity,
        because=finding.because,
        due_at=now + DECIDED_WITHIN[severity],
        created_at=now,
    )


def flags() -> QuerySet[Flag]:
    """All of them, with the people in them."""
    return Flag.objects.select_related("user", "decided_by")


@use_case
def clear_flag(*, flag_id: UUID, actor: User, note: str = "") -> Flag:
    """Note that nothing is wrong. The rule is quiet about the same subject for a week.

    Locks: the flag. Raises: NotAllowed, NotFound, FlagWrongStatus, Busy.
    """
    return _decide(flag_id, actor, Flag.Status.CLEARED, note)


@use_case
def confirm_flag(*, flag_id: UUID, actor: User, note: str = "") -> Flag:
    """Note that it is what it looks like; what follows from it is a step of its own, such as a suspension.

    Locks and raises as `clear_flag` does.
    """
    return _decide(flag_id, actor, Flag.Status.CONFIRMED, note)


def _decide(flag_id: UUID, actor: User, status: Flag.Status, note: str) -> Flag:
    """Only staff decide, nobody about himself, and an admin about staff."""
    if not actor.may_act:
        raise NotAllowed
    locked = lock(LockRank.ACCOUNT, flags().filter(pk=flag_id))
    if not locked:
        raise NotFound
    (flag,) = locked
    if flag.user_id == actor.pk or (flag.user.is_staff_member and not actor.is_admin):
        raise NotAllowed
    if flag.status != Flag.Status.OPEN:
        raise FlagWrongStatus(current_status=flag.status)
    flag.status, flag.note, flag.decided_by, flag.decided_at = status, note, actor, clock.now()
    flag.due_at = None
    flag.save(update_fields=["status", "note", "decided_by", "decided_at", "due_at"])
    return flag
