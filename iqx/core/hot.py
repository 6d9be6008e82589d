"""Reads of the hot paths, in SQL that is written down: compiling a queryset costs more than running it."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


def fetch(model: type[M], sql: str, params: Sequence[Any]) -> list[M]:
    """The rows that `sql` selects, as instances; its columns are those of the model, or some of them.

    For models whose columns psycopg reads as they are: no JSON.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names, places = _fields(model, tuple(column.name for column in cursor.description))
        rows = cursor.fetchall()
    return [model.from_db(DEFAULT_DB_ALIAS, names, [row[place] for place in places]) for row in rows]


@cache
def _fields(model: type[Model], columns: tuple[str, ...]) -> tuple[list[str], list[int]]:
    """The attributes that `columns` fill, in the order in which a model takes them, and where each is in a row."""
    fields = [field for field in model._meta.concrete_fields if field.column in columns]
    return [field.attname for field in fields], [columns.index(field.column) for field in fields]
