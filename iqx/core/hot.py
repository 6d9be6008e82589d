"""The hot paths' way to the database: SQL that is written down, prepared by the server, and rows without ceremony.

Compiling a queryset, binding its values into its text, planning that text anew and running a model's `__init__` cost
several times what PostgreSQL needs for the row. So these statements keep one text each, whose plan the server keeps,
and instances are filled from a row as `Model.from_db` would fill them.

In a pipelined use case (`iqx.core.transactions`) `run` and `ask` send a statement and wait for nothing: the server is
at it meanwhile, and the first answer that is read brings all that was asked before, in one round trip.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.db.models.base import ModelState
from psycopg.pq import Format

# A condition, always true, of a transaction's first statement: what is planned after it finds rows by their indexes,
# and in their order. A plan is kept for long: one that was made when a table was small, or not analyzed yet, would read
# all of it, or sort all that some index has, ever after.
BY_INDEX: Final = (
    "set_config('enable_seqscan', 'off', true) = 'off' AND set_config('enable_bitmapscan', 'off', true) = 'off'"
)

M = TypeVar("M", bound=Model)
Params = Sequence[Any] | Mapping[str, Any]


def columns(model: type[Model], table: str = "") -> str:
    """The model's columns, for a SELECT: `*` would break who still runs when a release adds one."""
    prefix = f"{table}." if table else ""
    return ", ".join(f'{prefix}"{field.column}"' for field in model._meta.concrete_fields)


class Answer:
    """What a statement returns, once it is read."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self._cursor = cursor

    def rows(self) -> list[tuple[Any, ...]]:
        with self._cursor:
            found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def instances(self, model: type[M]) -> list[M]:
        """The rows as instances; the columns are those of the model, or some of them, or attributes by their own names.

        For models whose columns psycopg reads as they are: no JSON.
        """
        with self._cursor:
            found = self._cursor.fetchall()
            names = _attributes(model, tuple(column.name for column in self._cursor.description))
        return [_instance(model, dict(zip(names, row, strict=True)), _read_state()) for row in found]


def ask(sql: str, params: Params) -> Answer:
    """Execute a statement whose answer is read later, or never."""
    connection.ensure_connection()
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    server_bound = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # stubs know it not
    server_bound.format = Format.BINARY  # type: ignore[attr-defined]  # times are read twenty times as fast as from texts
    cursor = wrap(server_bound)  # type: ignore[arg-type]
    cursor.execute(sql, params)
    return Answer(cursor)


def rows(sql: str, params: Params) -> list[tuple[Any, ...]]:
    """The rows that `sql` selects or returns."""
    return ask(sql, params).rows()


def fetch(model: type[M], sql: str, params: Params) -> list[M]:
    """The rows that `sql` selects, as instances (see `Answer.instances`)."""
    return ask(sql, params).instances(model)


def run(sql: str, params: Params) -> None:
    """Execute a statement that returns nothing."""
    ask(sql, params)


def build(model: type[M], values: Mapping[str, Any], **related: Model) -> M:
    """A new instance with these attributes (columns, so `owner_id`), constant defaults for the rest, and no checks.

    `related` sets the objects behind foreign keys, whose columns `values` has too.
    """
    state = ModelState()
    state.fields_cache = dict(related)
    return _instance(model, {**_defaults(model), **values}, state)


@cache
def _defaults(model: type[Model]) -> dict[str, Any]:
    """What the columns of a new row have that has nothing to say about them; those that are made anew are left out."""
    return {
        field.attname: field.default if field.has_default() else None
        for field in model._meta.concrete_fields
        if not callable(field.default) or not field.has_default()
    }


def known(model: type[M], **attributes: Any) -> M:  # noqa: ANN401 columns of any type
    """A row that is there, with what is known of it; the rest is read when it is asked for."""
    return _instance(model, attributes, _read_state())


def snapshot(instance: M) -> M:
    """The instance as it is now, whatever is done to it afterwards."""
    return _instance(type(instance), dict(vars(instance)), vars(instance)["_state"])


def _instance(model: type[M], attributes: dict[str, Any], state: ModelState) -> M:
    instance = model.__new__(model)
    instance.__dict__ = attributes
    attributes["_state"] = state
    return instance


def _read_state() -> ModelState:
    state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    return state


@cache
def _attributes(model: type[Model], columns: tuple[str, ...]) -> tuple[str, ...]:
    """The attributes that these columns fill."""
    attributes = {field.column: field.attname for field in model._meta.concrete_fields}
    return tuple(attributes.get(column, column) for column in columns)
