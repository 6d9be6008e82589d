"""Writing to the trail: one insert in the transaction of the act."""

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.db.models import Model

from iqx.core import clock
from iqx.core.audit.origin import origin_now
from iqx.core.models import AuditRecord
from iqx.core.transactions import current_unit, pay_record

Values = Mapping[str, Any]

# In this order they are digested; changing it breaks every digest there is.
_DIGESTED = (
    "actor_id", "actor_role", "action", "subject_kind", "subject_id", "user_id", "before", "after", "reason",
    "ip", "user_agent", "request_id", "entrance",
)  # fmt: skip


class Actor(Protocol):
    """Who acts: a user, of whom this package knows no more."""

    @property
    def pk(self) -> Any: ...  # noqa: ANN401 as Django has it

    @property
    def role(self) -> str: ...


def owe() -> None:
    """State that staff act in this use case: it commits only with a `record`."""
    current_unit().owes_record = True


def record(
    action: str,
    *,
    actor: Actor | None,
    subject: Model | tuple[str, object],
    user_id: UUID | None = None,
    before: Values | None = None,
    after: Values | None = None,
    reason: str = "",
) -> AuditRecord:
    """Write down, in the transaction of the act, what `actor` did to `subject`, or that he read it.

    Args:
        action: a fact, such as `user_suspended`; docs/audit.md lists them all.
        actor: None for the operator at the command line.
        subject: the row, or its kind and id.
        user_id: whom it is about, if that is one person.
        before: what the values that changed were; `values_of` reads them.
        after: what they are now.
        reason: as the actor gave it.
    """
    kind, key = subject if isinstance(subject, tuple) else (subject._meta.model_name or "", subject.pk)
    origin = origin_now()
    pay_record()
    written = AuditRecord(
        at=clock.now(),
        actor_id=actor.pk if actor else None,
        actor_role=str(actor.role) if actor else "",
        action=action,
        subject_kind=kind,
        subject_id=str(key),
        user_id=user_id,
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        ip=origin.ip,
        user_agent=origin.user_agent,
        request_id=origin.request_id,
        entrance=origin.entrance,
    )
    written.digest = digest_of(written)
    written.save(force_insert=True)
    return written


def values_of(row: Model, *names: str) -> dict[str, Any]:
    """What some fields of a row hold now, for `before` and `after`."""
    return {name: getattr(row, name) for name in names}


def digest_of(written: AuditRecord) -> str:
    """SHA-256 over everything that the record says; the batch adds where it stands."""
    said = [clock.rfc3339(written.at), *(getattr(written, name) for name in _DIGESTED)]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(values: Values | None) -> dict[str, Any]:
    """As JSON has them; money stays exact."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(values or {}, default=str))
    return plain
