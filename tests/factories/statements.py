"""What is sent to the database, as tests count it: also statements that wait in a pipeline, which Django can't tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The statements of a `with` block and their values, without those that open and close transactions."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not str(sql).startswith(("SAVEPOINT", "RELEASE SAVEPOINT")):
            statements.append((str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements
