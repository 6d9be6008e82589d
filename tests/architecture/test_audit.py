"""No act of staff's goes unwritten: there is one gate, whoever passes it owes a record, and there is no way round."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib import admin

from iqx.core.admin import AuditedAdmin, ReadOnlyAdmin

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("iqx", "accounts", "wallets", "orders", "trades", "disputes", "support")
ENTRANCES = {"api", "admin", "admin.py", "management", "tasks.py", "views.py", "views", "migrations"}
GATES = {"require_staff", "require_admin", "require_reader", "lock_pair"}
WRITERS = {"record", "write_down", "ask", "settle"}  # the last two are of `accounts.approvals`
GATE_MODULE = ROOT / "accounts" / "staff.py"


def domain_modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if not ENTRANCES & set(path.relative_to(ROOT).parts):
                yield path, ast.parse(path.read_text())


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def calls(function: ast.AST) -> set[str]:
    return {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }


def reached(name: str, known: dict[str, ast.FunctionDef]) -> set[str]:
    """Everything that a function calls, also by way of other functions of its module."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        now = waiting.pop()
        if now in known:
            waiting |= calls(known[now]) - found
        found.add(now)
    return found


def test_only_the_gate_asks_who_may_act() -> None:
    """Elsewhere use `accounts.staff.require_staff` or `require_admin`: then the record can't be forgotten."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno} .{node.attr}"
        for path, tree in domain_modules()
        if path != GATE_MODULE and path.name != "people.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"may_act", "is_superuser"}
    ]
    assert asked == []


def test_every_use_case_of_staffs_passes_the_gate_and_writes() -> None:
    """A use case that takes `actor: User` is staff's; what it does is in the audit trail."""
    found, missing = [], []
    for path, tree in domain_modules():
        known = functions(tree)
        for name, function in known.items():
            if not any(ast.unparse(decorator).startswith("use_case") for decorator in function.decorator_list):
                continue
            arguments = {argument.arg: argument.annotation for argument in function.args.kwonlyargs}
            does = reached(name, known)
            is_staffs = "actor" in arguments or bool(GATES & does)
            if is_staffs:
                found.append(name)
            if is_staffs and not (GATES & does and WRITERS & does):
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert missing == []
    assert len(found) > 30


def test_what_django_admin_changes_is_written() -> None:
    """A page shows, or is an `AuditedAdmin`, or saves through a use case."""
    unwritten = [
        type(page).__name__
        for page in admin.site._registry.values()
        if type(page).__module__.split(".")[0] in PACKAGES
        and not isinstance(page, ReadOnlyAdmin | AuditedAdmin)
        and "save_model" not in vars(type(page))
    ]
    assert unwritten == []


def test_the_page_on_the_trail_has_every_action() -> None:
    sources = [path.read_text() for path, _ in domain_modules()]
    sources.append((ROOT / "iqx/core/admin.py").read_text())
    pattern = r'(?:record|write_down|_write_down)\(\s*f?"([a-z_{}]+)"'
    written = {action for source in sources for action in re.findall(pattern, source)}
    named = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs/audit.md").read_text()))
    missing = {
        action for action in written
        if not any(re.fullmatch(re.sub(r"\{[a-z_]+\}", "[a-z]+", action), name) for name in named)
    }  # fmt: skip
    assert missing == set()
