"""Migrations that old processes would not bear are found."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import CommandError, call_command
from django.db import migrations, models
from django.db.models.functions import Now

from iqx.ops import migrations_lint
from iqx.ops.management.commands import lint_migrations


def migration(*operations: object, excuse: str = "") -> migrations.Migration:
    module = ModuleType("made_for_this_test")
    module.breaks_zero_downtime = excuse  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    kind = type("Migration", (migrations.Migration,), {"operations": list(operations), "__module__": module.__name__})
    made: migrations.Migration = kind("0099_made", "orders")
    return made


NEW = migrations.AddField("order", "colour", models.TextField(default="red"), preserve_default=False)
GOOD = [
    migrations.AddField("order", "colour", models.TextField(null=True)),
    migrations.AddField("order", "seen_at", models.DateTimeField(db_default=Now())),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "colour")]),
    migrations.AlterField("order", "colour", models.TextField(null=True)),
]
BAD = [
    NEW,
    migrations.RemoveField("order", "colour"),
    migrations.RenameField("order", "colour", "hue"),
    migrations.DeleteModel("Order"),
    migrations.RenameModel("Order", "Bid"),
    migrations.AlterField("order", "colour", models.TextField(default=""), preserve_default=False),
    migrations.SeparateDatabaseAndState(database_operations=[migrations.DeleteModel("Order")]),
]


@pytest.mark.parametrize("operation", GOOD, ids=lambda operation: type(operation).__name__)
def test_what_old_processes_bear_passes(operation: object) -> None:
    assert migrations_lint.faults_of(migration(operation)) == []


@pytest.mark.parametrize("operation", BAD, ids=lambda operation: type(operation).__name__)
def test_what_they_do_not_bear_is_a_fault_unless_it_says_why(operation: object) -> None:
    assert len(migrations_lint.faults_of(migration(operation))) == 1
    assert migrations_lint.faults_of(migration(operation, excuse="It was never released.")) == []


def test_a_table_that_the_migration_makes_may_be_made_in_any_way() -> None:
    made = migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True))])
    assert migrations_lint.faults_of(migration(made, NEW)) == []


def test_only_what_is_newer_than_the_release_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = tmp_path / "released.json"
    for module in (migrations_lint, lint_migrations):
        monkeypatch.setattr(module, "RELEASED", noted)
    call_command("lint_migrations", released=True)
    call_command("lint_migrations")
    added = {**migrations_lint.own_migrations(), "orders.0099_made": migration(NEW)}
    monkeypatch.setattr(lint_migrations, "own_migrations", lambda: added)
    with pytest.raises(CommandError, match="1 faults"):
        call_command("lint_migrations")
    assert len(added) > 40
