"""Set-based writes: one statement, however many rows.

Rows travel as one JSON parameter, which PostgreSQL unpacks with the columns' own types; so there is no limit on
their number, no statement text that grows with it, and arrays and nulls need no care. The rows are trusted: they
come from use cases that checked them, and the constraints of the tables hold here as anywhere.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from django.db import connection
from django.db.models import Model

from iqx.core import hot

Row = Mapping[str, Any]


def insert(model: type[Model], rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns; in the order given, so sequences number them so."""
    if not rows:
        return
    hot.run(insertion(model, tuple(rows[0])), [as_json(rows)])


@cache
def insertion(model: type[Model], columns: tuple[str, ...]) -> str:
    """The statement that inserts these columns of the rows that its one parameter has, `as_json`."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {names} FROM {_recordset(model, columns)}'  # noqa: S608


def update(model: type[Model], rows: Sequence[Row], *, key: str = "id") -> None:
    """Set the given columns of the rows that `key` names. The caller holds their locks."""
    if not rows:
        return
    columns = tuple(rows[0])
    if len(rows) == 1:
        _update_one(model, rows[0], key)
        return
    changes = ", ".join(f'"{name}" = r."{name}"' for name in columns if name != key)
    # The keys once more, as an array: so the planner has them looked up in the index, whatever size it takes r to have.
    hot.run(
        f'UPDATE "{model._meta.db_table}" t SET {changes} FROM {_recordset(model, columns)}'  # noqa: S608
        f' WHERE t."{key}" = r."{key}" AND t."{key}" = ANY(%s)',
        [as_json(rows), [row[key] for row in rows]],
    )


def _update_one(model: type[Model], row: Row, key: str) -> None:
    """The planner takes any record set for a hundred rows, and a statement of its own is far cheaper for one."""
    changes = ", ".join(f'"{name}" = %s' for name in row if name != key)
    hot.run(
        f'UPDATE "{model._meta.db_table}" SET {changes} WHERE "{key}" = %s',  # noqa: S608
        [*(value for name, value in row.items() if name != key), row[key]],
    )


def as_json(rows: Sequence[Row]) -> str:
    """Rows as the one parameter of a statement."""
    return orjson.dumps(rows, default=str).decode()


@cache
def _recordset(model: type[Model], columns: tuple[str, ...]) -> str:
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    definition = ", ".join(f'"{name}" {types[name]}' for name in columns)
    return f"jsonb_to_recordset(%s::jsonb) AS r({definition})"
