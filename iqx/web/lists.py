"""Lists on pages: by cursor, as the API's, so they are stable while rows are added, and cost one query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest

from iqx.core.api.pagination import Cursor, cursor_of, rows_of, value_of

PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, and the addresses of its neighbours."""

    rows: Sequence[Any]
    older: str | None
    newer: str | None


def listed(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    order: str = "-id",
    limit: int = PAGE,
    prepare: Callable[[Sequence[Any]], None] | None = None,
) -> Listed:
    """A page of `queryset` by `?cursor=`. Raises: Invalid."""
    name = order.removeprefix("-")
    cursor = cursor_of(request.GET.get("cursor"), queryset.model, name)
    rows, more = rows_of(queryset, name, descending=order.startswith("-"), cursor=cursor, limit=limit)
    if prepare:
        prepare(rows)
    backwards = cursor is not None and cursor.backwards
    older = Cursor(value_of(rows[-1], name), backwards=False) if rows and (backwards or more) else None
    newer = Cursor(value_of(rows[0], name), backwards=True) if rows and (more if backwards else cursor) else None
    return Listed(rows, _link(request, older), _link(request, newer))


def _link(request: HttpRequest, cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    query = request.GET.copy()
    query.pop("part", None)
    query["cursor"] = cursor.encode()
    return f"?{query.urlencode()}"
