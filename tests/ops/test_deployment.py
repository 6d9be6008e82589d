"""What is shipped for Prometheus and Grafana fits what the platform measures, and each alert has its page."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from prometheus_client import REGISTRY

from deploy.rehearsal import stage
from iqx.ops import collectors

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "deploy" / "monitoring"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())


def metric_names() -> set[str]:
    """Every name that a scrape may have."""
    from iqx.core import metrics

    assert metrics
    counted = {metric.name: metric.type for metric in REGISTRY.collect() if metric.name.startswith("iqx_")}
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
    names = {name + suffix for name, kind in counted.items() for suffix in suffixes[kind]}
    names |= {f"iqx_{name}" for name in collectors._HELP}
    names |= {f"iqx_process_{name}" for name in collectors._USAGE_HELP}
    own = ("build_info", "database_up", "reading_age_seconds", "reading_seconds", "ledger_audit_findings")
    return names | {f"iqx_{name}" for name in own}


def unknown_in(expressions: list[str]) -> set[str]:
    used = {name for expression in expressions for name in re.findall(r"\biqx_\w+", expression)}
    assert len(used) > 10
    return used - metric_names()


def test_alerts_ask_for_metrics_that_exist() -> None:
    assert unknown_in([rule["expr"] for rule in RULES]) == set()


def test_the_dashboard_asks_for_metrics_that_exist_and_its_panels_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert unknown_in([target["expr"] for panel in panels for target in panel.get("targets", ())]) == set()
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_has_its_page(rule: dict[str, Any]) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower()
    assert rule["annotations"]["runbook"] == f"docs/operations/{name}.md"
    page = (ROOT / rule["annotations"]["runbook"]).read_text()
    assert page.startswith(f"# {rule['alert']}\n")
    assert re.findall(r"^## (\w+)$", page, re.MULTILINE) == ["Look", "Mend"]
    assert f"({name}.md)" in (ROOT / "docs/operations/README.md").read_text()
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"]


def test_the_rehearsal_fills_in_what_production_asks_for(tmp_path: Path) -> None:
    filled = stage.environment_of(tmp_path, "postgresql:///none", "redis://none")
    assert (filled["IQX_ENV"], filled["DATABASE_URL"]) == ("production", "postgresql:///none")


def test_rules_are_well_formed() -> None:
    """What can be said without Prometheus' own tool; where that is installed, see below."""
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
        for opening, closing in ("()", "{}", "[]"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing)


def prometheus_accepts_the_rules_and_finds_what_they_should_find(tmp_path: Path) -> None:
    """By Prometheus' own tool."""
    promtool = str(shutil.which("promtool"))
    for name in ("alerts.yml", "prometheus.yml"):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "monitor-token").write_text("token")
    cases = {"rule_files": ["alerts.yml"], "evaluation_interval": "15s", "tests": [_BROKEN_BOOKS, _ALL_IS_WELL]}
    (tmp_path / "cases.yml").write_text(yaml.safe_dump(cases))
    for command in (["check", "config", "prometheus.yml"], ["test", "rules", "cases.yml"]):
        done = subprocess.run([promtool, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


if shutil.which("promtool"):  # Debian's package `prometheus`; `.ci/run` installs it where it can
    test_prometheus_accepts = prometheus_accepts_the_rules_and_finds_what_they_should_find

_GOOD = [
    ('up{job="iqx", instance="a"}', "1x60"),
    ('iqx_reading_age_seconds{reading="state", instance="a"}', "5x60"),
    ('iqx_reading_age_seconds{reading="ledger_audit", instance="a"}', "900x60"),
    ('iqx_database_up{instance="a"}', "1x60"),
    ('iqx_trades_oldest_seconds{status="paid"}', "60x60"),
]
_ALL_IS_WELL = {
    "interval": "15s",
    "input_series": [{"series": name, "values": values} for name, values in _GOOD],
    "alert_rule_test": [
        {"eval_time": "14m", "alertname": name, "exp_alerts": []}
        for name in ("WorkerSilent", "DatabaseAway", "ProcessDown")
    ],
}
_BROKEN_BOOKS = {
    "interval": "15s",
    "input_series": [
        {"series": 'iqx_ledger_audit_findings{instance="a"}', "values": "0x4 3x20"},
        {"series": 'iqx_ledger_audit_findings{instance="b"}', "values": "0x4 3x20"},
    ],
    "alert_rule_test": [
        {"eval_time": "1m", "alertname": "LedgerOutOfBalance", "exp_alerts": []},
        {
            "eval_time": "5m",
            "alertname": "LedgerOutOfBalance",
            "exp_alerts": [
                {
                    "exp_labels": {"severity": "critical"},
                    "exp_annotations": {
                        "summary": "The audit of the books found 3 things wrong",
                        "runbook": "docs/operations/ledger-out-of-balance.md",
                    },
                }
            ],
        },
    ],
}
