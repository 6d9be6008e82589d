"""Sets the database back after tests that commit (`transaction=True`).

Django flushes with TRUNCATE, which the ledger refuses by design, and which also takes away what migrations seeded.
Here every table is emptied and gets its seeds back, with triggers and foreign keys at rest for that one transaction.
It is also several times faster: an empty DELETE costs next to nothing, a TRUNCATE makes new files.
"""

# ruff: noqa: S608 (the names come from the catalogue)

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

_SEEDS = "seeds_of_migrations"
_script = ""


def remember() -> None:
    """Copy what the migrations seeded, and arrange that tests that commit leave exactly that behind."""
    global _script  # noqa: PLW0603
    with transaction.atomic(), connection.cursor() as cursor:
        tables = _columns(cursor)
        cursor.execute(f"DROP SCHEMA IF EXISTS {_SEEDS} CASCADE")
        cursor.execute(f"CREATE SCHEMA {_SEEDS}")
        statements = ["SET LOCAL session_replication_role = replica"]
        statements += [f'DELETE FROM public."{table}"' for table in tables]
        for table, columns in tables.items():
            cursor.execute(f'SELECT EXISTS (SELECT FROM public."{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE {_SEEDS}."{table}" AS SELECT {columns} FROM public."{table}"')
                statements.append(
                    f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE '
                    f'SELECT {columns} FROM {_SEEDS}."{table}"'
                )
    _script = ";\n".join(statements)
    TransactionTestCase._fixture_teardown = restore  # type: ignore[attr-defined]


def restore(_test_case: Any = None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_script)


def _columns(cursor: Any) -> dict[str, str]:
    """Every table with the columns that can be written."""
    cursor.execute(
        """
        SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'django_migrations'
          AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        GROUP BY relname
        """
    )
    return dict(cursor.fetchall())
