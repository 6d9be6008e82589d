"""`docs/peer-faults.md` names tests; all of them exist."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
_TEST = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")


def rows() -> list[str]:
    """The last cell of each row: its tests."""
    lines = (ROOT / "docs/peer-faults.md").read_text().splitlines()
    return [line.split("|")[3] for line in lines if line.startswith("| ") and not line.startswith(("| fault", "| ---"))]


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_a_test_or_says_later() -> None:
    assert len(rows()) > 30
    assert [row for row in rows() if not _TEST.search(row) and row.strip() != "Later"] == []


def test_every_test_that_is_named_exists() -> None:
    named = {match for row in rows() for match in _TEST.findall(row)}
    assert {f"{path}::{name}" for path, name in named if name not in functions_of(path)} == set()
