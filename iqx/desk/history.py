"""What staff did, as the audit trail has it, for their pages to show beside what they did it to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from iqx.core.models import AuditRecord
from wallets.models import Entry

_SHOWN: Final = 20
_MOVES: Final = 8


@dataclass(frozen=True, slots=True)
class Act:
    """One line: who did what when, what changed by it, and why."""

    at: datetime
    who: str
    what: str
    changes: str
    reason: str


def acts_on(subject_id: object) -> list[Act]:
    """What was done to this very thing, the newest first: two queries."""
    return _told(AuditRecord.objects.filter(subject_id=str(subject_id)))


def acts_about(user_id: UUID) -> list[Act]:
    """What was done to a person, or to what is his: two queries."""
    return _told(AuditRecord.objects.filter(user_id=user_id))


def moves_of(user_id: UUID) -> QuerySet[Entry]:
    """What last moved in a wallet: one query."""
    return Entry.objects.filter(wallet=user_id).select_related("transfer").order_by("-version")[:_MOVES]


def _told(records: "QuerySet[AuditRecord]") -> list[Act]:
    rows = list(records.order_by("-id")[:_SHOWN])
    people = User.objects.in_bulk({row.actor_id for row in rows if row.actor_id})
    return [
        Act(
            at=row.at,
            who=people[row.actor_id].email if row.actor_id in people else "the operator",
            what=row.action.replace("_", " "),
            changes=_changes(row.before, row.after),
            reason=row.reason,
        )
        for row in rows
    ]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    return "; ".join(
        f"{name}: {before[name]} → {now}" if name in before else f"{name}: {now}" for name, now in after.items()
    )
