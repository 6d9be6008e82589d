"""Everything that is known of a person, as JSON."""

from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from accounts.models import User
from iqx.core import clock
from iqx.core.events import user_stream
from iqx.core.models import Event, StoredFile
from iqx.ops.privacy.parts import PARTS, SECRET, UNREADABLE, Part

Json = dict[str, Any]


def export_of(user: User) -> Json:
    """All that is his: the account, each table that knows him, and his event log."""
    tables = {label: rows for label, part in PARTS.items() if (rows := _rows(label, part, user))}
    events = Event.objects.filter(stream_id=user_stream(user.pk)).order_by("seq")
    return {
        "exported_at": clock.rfc3339(clock.now()),
        "account": _row(user, {}),
        "data": tables,
        "events": [
            {"seq": event.seq, "type": event.type, "at": clock.rfc3339(event.at), "data": event.data}
            for event in events.iterator()
        ],
    }


def files_of(user: User) -> QuerySet[StoredFile]:
    """The files that he sent."""
    return StoredFile.objects.filter(owner_id=user.pk).order_by("pk")


def of_owner(label: str, part: Part, user: User) -> QuerySet[Any]:
    """The rows of a table that are his."""
    mine = Q()
    for column in part.owners:
        mine |= Q(**{column: user.pk})
    rows: QuerySet[Any] = apps.get_model(label)._default_manager.filter(mine)  # noqa: SLF001 Django documents it
    return rows if part.owners else rows.none()


def _rows(label: str, part: Part, user: User) -> list[Json]:
    return [_row(row, part.sealed) for row in of_owner(label, part, user).order_by("pk").iterator()]


def _row(row: Model, sealed: Any) -> Json:  # noqa: ANN401 see Part
    shown: Json = {}
    for column in row._meta.concrete_fields:
        name = column.attname
        if name in SECRET or f"{row._meta.label}.{name}" in UNREADABLE:
            continue
        shown[name] = sealed[name](row) if name in sealed else getattr(row, name)
    return shown
