"""Cursor pages: one query each, whatever the length of the list, and stable while rows are added.

A cursor names the row at the page's edge by the value of one unique column. It gives access to nothing: the queryset
alone decides what its reader may see.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from django.utils.timezone import is_naive
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from iqx.core.errors import Invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

_LIMIT = re.compile(r"[0-9]{1,3}")
_LONGEST_CURSOR = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place between two rows: after (or, `backwards`, before) the one whose column holds `value`."""

    value: Any
    backwards: bool

    def encode(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return base64.urlsafe_b64encode(f"{'<' if self.backwards else '>'}{value}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, column: "Field[Any, Any]") -> Self:
        try:
            if len(text) > _LONGEST_CURSOR:
                raise ValueError(text)
            place = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
            value = column.to_python(place[1:])
            if place[:1] not in {"<", ">"} or value is None or (isinstance(value, datetime) and is_naive(value)):
                raise ValueError(text)
        except (ValidationError, ValueError, binascii.Error):
            raise Invalid("This cursor is not one of ours.", field="cursor") from None
        return cls(value, backwards=place[0] == "<")


def paginate(
    request: Request,
    queryset: QuerySet[Any, Any],
    render: Callable[[Any], dict[str, Any]],
    order: str = "-id",
    *,
    prepare: Callable[[Sequence[Any]], None] | None = None,
) -> Response:
    """Answer with a page of `queryset`, ordered by a unique column (descending with `-`).

    Rows may be models or, from `.values()`, dicts that hold the column. `prepare` is called with the rows of the page
    before they are rendered, to add what is cheaper to read for all of them together.

    Raises:
        Invalid: `?limit=` is not 1 to 200, or `?cursor=` is not one of ours.
    """
    name = order.removeprefix("-")
    limit = read_limit(request)
    cursor = cursor_of(request.query_params.get("cursor"), queryset.model, name)
    rows, more = rows_of(queryset, name, descending=order.startswith("-"), cursor=cursor, limit=limit)
    if prepare:
        prepare(rows)
    backwards = cursor is not None and cursor.backwards
    has_next = bool(rows) and (backwards or more)
    has_previous = bool(rows) and (more if backwards else cursor is not None)
    return Response(
        {
            "results": [render(row) for row in rows],
            "next": _link(request, Cursor(value_of(rows[-1], name), backwards=False)) if has_next else None,
            "previous": _link(request, Cursor(value_of(rows[0], name), backwards=True)) if has_previous else None,
        }
    )


def read_limit(request: Request) -> int:
    """The size of page that was asked for."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not _LIMIT.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise Invalid(f"This must be a whole number from 1 to {MAX_LIMIT}.", field="limit")
    return int(text)


def cursor_of(text: str | None, model: type[Model], name: str) -> Cursor | None:
    """The place that a cursor names in the order by one column. Raises: Invalid."""
    if text is None:
        return None
    return Cursor.decode(text, cast("Field[Any, Any]", model._meta.get_field(name)))


def rows_of(
    queryset: QuerySet[Any, Any], name: str, *, descending: bool, cursor: Cursor | None, limit: int
) -> tuple[list[Any], bool]:
    """The page's rows in the list's order, and whether there are more beyond them."""
    backwards = cursor is not None and cursor.backwards
    falling = descending != backwards
    if cursor is not None:
        queryset = queryset.filter(**{f"{name}__{'lt' if falling else 'gt'}": cursor.value})
    found = list(queryset.order_by(f"-{name}" if falling else name)[: limit + 1])
    rows = found[:limit]
    return rows[::-1] if backwards else rows, len(found) > limit


def value_of(row: object, name: str) -> object:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _link(request: Request, cursor: Cursor) -> str:
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor.encode()))
