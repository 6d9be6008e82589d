"""The state of the whole database as one value per table, to see that nothing changed."""

from django.apps import apps
from django.db import connection

# Counting and noting a request is no effect of it.
_NOTES = frozenset({"core_quotacounter", "core_idempotencyrecord"})


def snapshot() -> dict[str, str]:
    """A digest of each table's rows."""
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed} - _NOTES
    with connection.cursor() as cursor:
        return {table: _digest(cursor, table) for table in sorted(tables)}


def _digest(cursor: object, table: str) -> str:
    cursor.execute(  # type: ignore[attr-defined]
        f"SELECT coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM \"{table}\" r"  # noqa: S608
    )
    return str(cursor.fetchone()[0])  # type: ignore[attr-defined]
