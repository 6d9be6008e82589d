"""Who may import whom: the contracts hold, and each of them would notice a breach."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("iqx", "accounts", "wallets", "orders", "trades", "disputes", "support")
ENTRANCES = {"api", "views", "web", "consumers", "admin", "tasks", "management", "urls", "admin_urls"}
COMPOSITION = {"iqx.urls", "iqx.asgi", "iqx.wsgi"}


def lint(folder: Path) -> tuple[int, str]:
    """Run the contracts of `folder` on the packages in it."""
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-cache", "--config", folder / "pyproject.toml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return run.returncode, run.stdout + run.stderr


def test_the_import_contracts_hold() -> None:
    code, report = lint(ROOT)
    assert code == 0, report
    assert "0 broken" in report


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The code without its data, to be spoilt."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return tmp_path


def test_the_copy_keeps_the_contracts_too(copied: Path) -> None:
    """Control: what breaks below is broken by the line that was added."""
    assert lint(copied)[0] == 0


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("wallets/ledger.py", "from orders.models import Order", "Lower apps never name upper ones"),
        ("orders/services.py", "from trades import escrow", "Lower apps never name upper ones"),
        ("trades/escrow.py", "from disputes import models", "Lower apps never name upper ones"),
        ("disputes/models.py", "from support import models", "Lower apps never name upper ones"),
        ("iqx/core/money.py", "from accounts.models import User", "Lower apps never name upper ones"),
        ("accounts/models/people.py", "from iqx import urls", "Lower apps never name upper ones"),
        ("trades/services.py", "from trades.api import views", "No domain module imports an entrance"),
        ("wallets/models/ledger.py", "from wallets import admin", "No domain module imports an entrance"),
        ("orders/matching.py", "from django.db import models", "The matching algorithm is pure"),
        ("orders/matching.py", "from orders import selectors", "The matching algorithm is pure"),
    ],
)
def test_a_breach_of_a_contract_is_seen(module: str, line: str, contract: str, copied: Path) -> None:
    spoilt = copied / module
    spoilt.write_text(f"{spoilt.read_text()}\n{line}\n")
    code, report = lint(copied)
    assert code == 1, report
    assert [row for row in report.splitlines() if row.startswith(contract) and " BROKEN" in row]


# The contract names the usual modules; this looks at all of them, and into functions.


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), path


def imports_of(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_entrance(module: str) -> bool:
    parts = module.split(".")
    return parts[0] in PACKAGES and parts[1:2] != ["settings"] and bool(ENTRANCES & set(parts[1:]))


def breaches(module: str, source: str) -> list[str]:
    """Entrances that a domain module imports."""
    if is_entrance(module) or module in COMPOSITION:
        return []
    return [f"{module} -> {name}" for name in sorted(imports_of(source)) if is_entrance(name)]


def test_no_domain_module_imports_an_entrance_anywhere() -> None:
    assert [breach for module, path in modules() for breach in breaches(module, path.read_text())] == []


def test_an_import_inside_a_function_would_be_seen() -> None:
    hidden = "def f():\n    from trades.api.views import TradeView\n"
    assert breaches("trades.settlement", hidden) == ["trades.settlement -> trades.api.views.TradeView"]


def test_modules_stay_small() -> None:
    """A module over 400 lines becomes a package."""
    long = {module: len(path.read_text().splitlines()) for module, path in modules() if "migrations" not in path.parts}
    assert {module: lines for module, lines in long.items() if lines > 400} == {}
