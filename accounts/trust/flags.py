"""Flags: what rules found is raised here, and staff decide on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.duties import calls_to_staff
from accounts.errors import FlagWrongStatus
from accounts.models import Flag, User
from accounts.staff import require_staff
from accounts.trust.rules import Severity, Spec
from iqx.core import audit, clock
from iqx.core.errors import NotAllowed, NotFound
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case

DECIDED_WITHIN: Final = {
    Severity.HIGH: timedelta(hours=24),
    Severity.MEDIUM: timedelta(hours=72),
    Severity.LOW: timedelta(days=7),
}
_GRAVEST_FIRST: Final = list(DECIDED_WITHIN)
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


def raise_flags(findings: Collection[Finding]) -> list[NewEvent]:
    """Flag what isn't flagged yet, and wasn't decided on within the last week: three statements, however many.

    For a use case that holds the round, and appends the events by which staff are called to what is new.
    """
    if not findings:
        return []
    known = Flag.objects.filter(
        Q(decided_at=None) | Q(decided_at__gt=clock.now() - QUIET_AFTER_DECISION),
        subject_id__in={finding.subject_id for finding in findings},
    )
    quiet = set(known.values_list("code", "subject_kind", "subject_id"))
    new = {finding.key: _flag(finding) for finding in findings if finding.key not in quiet}
    if not new:
        return []
    flags = sorted(
        Flag.objects.bulk_create(new.values(), ignore_conflicts=True),
        key=lambda flag: _GRAVEST_FIRST.index(Severity(flag.severity)),
    )
    return calls_to_staff("flag", "flagged", [flag.pk for flag in flags], because=flags[0].because)


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


def open_flags_about(people: Collection[UUID]) -> dict[UUID, list[Flag]]:
    """What is open about each of these people, the newest first: one query."""
    found: dict[UUID, list[Flag]] = {}
    for flag in flags().filter(user_id__in=people, status=Flag.Status.OPEN).order_by("-id"):
        found.setdefault(flag.user_id, []).append(flag)
    return found


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
    require_staff(actor)
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
    audit.record(
        f"flag_{status}",
        actor=actor,
        subject=flag,
        user_id=flag.user_id,
        before={"status": Flag.Status.OPEN},
        after=audit.values_of(flag, "status", "code"),
        reason=note,
    )
    return flag
