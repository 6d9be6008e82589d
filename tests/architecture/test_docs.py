"""The documents say what the code does: tables, names and links are held against it."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from accounts.trust.rules import RULES
from disputes.reasons import REASONS
from iqx.core.locking import LockRank
from trades.clocks import AT_DEADLINE
from trades.escrow import OWNER, TRANSITIONS, Transition
from trades.models import Trade

ROOT = Path(settings.BASE_DIR)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PACKAGES = ("iqx", "accounts", "wallets", "orders", "trades", "disputes", "support")
READERS = {"env.str", "env.int", "env.bool", "env.list", "os.environ.get", "os.environ", "os.getenv"}


def table(page: str, heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table after a heading, without the marks around code."""
    lines = (ROOT / page).read_text().split(f"# {heading}\n", 1)[1].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| ---"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append(tuple(cell.strip().replace("`", "") for cell in line.strip("|").split("|")))
    return rows


# The configuration


def variables_read() -> set[str]:
    """Every variable that the code reads by name."""
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {name for path in sources for name in _variables_in(ast.parse(path.read_text()))}


def _variables_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=reader, args=[ast.Constant(value=str(name)), *_]) if ast.unparse(reader) in READERS:
                yield name
            case ast.Subscript(value=reader, slice=ast.Constant(value=str(name))) if ast.unparse(reader) in READERS:
                yield name


def example_variables() -> dict[str, bool]:
    """The variables of `.env.example`, and whether each is set there or only shown."""
    found = re.findall(r"^(#?)([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    return {name: not mark for mark, name in found}


def settings_with(environment: dict[str, str]) -> dict[str, object]:
    code = (
        "import json; from iqx import settings;"
        "print(json.dumps({n: repr(v) for n, v in vars(settings).items() if n.isupper()}))"
    )
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def test_the_example_documents_every_variable_and_no_other() -> None:
    assert set(example_variables()) == variables_read()


def test_the_example_states_the_defaults() -> None:
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    stated = dict(shlex.split(line)[0].split("=", 1) for line in lines)
    assert settings_with(stated) == settings_with({})


# Pages that repeat what the code has


def _row(transition: Transition) -> tuple[str, ...]:
    return transition.to, transition.notice, transition.clock or "", transition.failed or ""


def test_the_page_on_trades_has_the_transition_table() -> None:
    expected = [(*key, *_row(transition)) for key, transition in TRANSITIONS.items()]
    assert table("docs/trades.md", "Every transition") == expected


def test_the_page_on_trades_has_owners_and_clocks() -> None:
    expected = [(status, OWNER[status], AT_DEADLINE[status]) for status in Trade.LIVE]
    assert [row[:3] for row in table("docs/trades.md", "Every live state has an owner and a deadline")] == expected


def test_the_page_on_locking_has_the_order() -> None:
    rows = table("docs/locking.md", "The order")
    assert [row[:2] for row in rows] == [(str(rank.value), rank.name) for rank in LockRank]


def test_the_page_on_the_architecture_names_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert [row[0] for row in table("docs/architecture.md", "Import contracts")] == [c["id"] for c in contracts]


def test_the_readme_lists_the_commands() -> None:
    ours = {config.name for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES}
    commands = {name for name, app in get_commands().items() if app in ours}
    assert {row[0].split()[0] for row in table("README.md", "Commands")} == commands


# Form


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (page.parent / target.split("#")[0]).exists()] == []


def test_decisions_are_numbered_without_gaps_and_titled() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        assert path.read_text().startswith(f"# {int(path.name[:4])}. "), path.name


def test_the_page_on_disputes_has_the_reasons() -> None:
    expected = [(*key, ", ".join(reasons)) for key, reasons in REASONS.items()]
    assert table("docs/disputes.md", "Reasons") == expected


def test_the_page_on_trust_has_every_rule() -> None:
    rows = table("docs/trust.md", "Rules")
    assert [row[0] for row in rows] == list(RULES)
    unknown = [
        (row[0], name)
        for row in rows
        for name in RULES[row[0]].parameters
        if name not in row[1].replace(",", " ").split()
    ]
    assert unknown == []


def test_the_page_on_trust_names_a_test_for_each_scam() -> None:
    named = [test.strip() for row in table("docs/trust.md", "Scams, and what stops them") for test in row[2].split(",")]
    missing = []
    for test in named:
        path, _, name = test.partition("::")
        if not (ROOT / path).exists() or f"def {name}(" not in (ROOT / path).read_text():
            missing.append(test)
    assert missing == []
    assert len(named) >= 10
