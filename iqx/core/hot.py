"""Reads of the hot paths, in SQL that is written down: compiling a queryset costs more than running it."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)


def fetch(model: type[M], sql: str, params: Sequence[object]) -> list[M]:
    """The rows that `sql` selects, as instances; its columns are those of the model, or some of them."""
    return list(model._default_manager.raw(sql, params))  # noqa: SLF001 Django documents it
