"""`docs/peer-faults.md` and `docs/trust.md` name tests; all of them exist."""

import ast
import re
from pathlib import Path

from django.conf import settings

from accounts.trust.rules import RULES

ROOT = Path(settings.BASE_DIR)
_TEST = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")


def rows() -> list[str]:
    """The last cell of each row: its tests."""
    lines = (ROOT / "docs/peer-faults.md").read_text().splitlines()
    return [line.split("|")[3] for line in lines if line.startswith("| ") and not line.startswith(("| fault", "| ---"))]


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_a_test() -> None:
    assert len(rows()) > 45
    assert [row for row in rows() if not _TEST.search(row)] == []


def test_every_rule_has_an_example_and_a_test_that_stops_it() -> None:
    text = (ROOT / "docs/trust.md").read_text()
    examples = text.partition("## Each rule, by example")[2].partition("\n## ")[0]
    shown = {line.split("`")[1] for line in examples.splitlines() if line.startswith("| `") and _TEST.search(line)}
    assert shown == set(RULES)


def test_every_test_that_is_named_exists() -> None:
    in_trust = _TEST.findall((ROOT / "docs/trust.md").read_text())
    named = {match for row in rows() for match in _TEST.findall(row)} | set(in_trust)
    assert {f"{path}::{name}" for path, name in named if name not in functions_of(path)} == set()
