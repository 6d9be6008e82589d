"""Migrations that can run while the version before still serves: a linter of their operations.

A rolling release migrates first, while old processes go on; so a migration must neither break what they do nor hold a
lock that they wait for. `docs/operations/migrations.md` says how each change is made in two releases instead. What was
is part of a release (`released.json`) is left alone; a migration that must break it says why::

    breaks_zero_downtime = "orders_order is empty until the release"

(a module-level constant of the migration).
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

EXCUSE: Final = "breaks_zero_downtime"
RELEASED: Final = Path(__file__).with_name("released.json")
"""The migrations of the last release: those before which no process runs any more."""


def own_migrations() -> dict[str, migrations.Migration]:
    """The platform's migrations, by `app.name`."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    own = {config.label for config in apps.get_app_configs() if Path(config.path).is_relative_to(settings.BASE_DIR)}
    return {
        f"{app}.{name}": migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in own and ".venv" not in str(import_module(migration.__module__).__file__)
    }


def last_release() -> tuple[str | None, set[str]]:
    """Its version, None before the first, and its migrations."""
    released = json.loads(RELEASED.read_text())
    return released["version"], set(released["migrations"])


def faults_of(migration: migrations.Migration) -> list[str]:
    """What in a migration an old process, or a large table, would not bear."""
    module = import_module(migration.__module__)
    if getattr(module, EXCUSE, ""):
        return []
    made = {
        operation.name.lower() for operation in migration.operations if isinstance(operation, migrations.CreateModel)
    }
    return [fault for operation in migration.operations for fault in _faults_in(operation, made)]


def _faults_in(operation: Any, made: set[str]) -> Iterator[str]:  # noqa: ANN401 any kind of operation
    """`made` are the tables that this migration makes: nobody uses them yet, and they are empty."""
    table = str(getattr(operation, "model_name", "")).lower()
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _faults_in(inner, made)
    elif table in made:
        return
    elif isinstance(operation, migrations.DeleteModel | migrations.RenameModel):
        yield f"{operation.describe()}: old processes still use the table"
    elif isinstance(operation, migrations.RemoveField | migrations.RenameField):
        yield f"{operation.describe()}: old processes still name the column"
    elif isinstance(operation, migrations.AddField):
        yield from _faults_of_new_column(operation)
    elif isinstance(operation, migrations.AlterField) and not operation.field.null and not operation.preserve_default:
        yield f"{operation.describe()}: a column that becomes NOT NULL is written NULL by old processes"


def _faults_of_new_column(operation: migrations.AddField) -> Iterator[str]:
    field = operation.field
    has_default = field.db_default is not NOT_PROVIDED
    if not (field.null or field.many_to_many or has_default or getattr(field, "generated", False)):
        yield f"{operation.describe()}: old processes insert rows without it; let it be null, or give it a db_default"
