"""The rules against scams: staff tune them within what makes sense, and everything is kept."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Rule, RuleChange, User
from accounts.trust.rules import RULES, SERIAL_CANCELLER, rule_in_force
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import auth_client, make_user

pytestmark = pytest.mark.django_db

LADDER = SERIAL_CANCELLER.code


def tune(admin: User, code: str, **body: Any) -> Any:
    return auth_client(admin).patch(f"/api/admin/rules/{code}", {"reason": "A wave of them.", **body}, format="json")


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def test_an_admin_tunes_a_rule_and_the_change_is_kept(admin: User) -> None:
    rungs = [[2, 60], [3, 120]]
    answer = tune(admin, LADDER, parameters={"ladder": rungs})
    assert (answer.status_code, answer.json()["parameters"]) == (200, {"ladder": rungs})
    assert APIClient().get("/api/v1/limits").json()["pauses"][0] == {"failed_trades": 2, "pause_seconds": 60}

    assert tune(admin, LADDER, enabled=False, reason="Over.").json()["enabled"] is False
    assert rule_in_force(SERIAL_CANCELLER) is None
    assert APIClient().get("/api/v1/limits").json()["pauses"] == []
    history = auth_client(admin).get(f"/api/admin/rules/{LADDER}/changes").json()["results"]
    assert [(change["reason"], change["enabled"]) for change in history] == [
        ("Over.", False),
        ("A wave of them.", True),
    ]
    assert history[0]["actor"]["id"] == str(admin.pk)


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        (LADDER, {"ladder": []}),
        (LADDER, {"ladder": [[3, 60], [2, 120]]}),
        (LADDER, {"ladder": [[3, 60], [4, 30]]}),
        (LADDER, {"ladder": [[0, 60]]}),
        (LADDER, {"ladder": [[3, 60, 1]]}),
        (LADDER, {"ladder": "3:60"}),
        (LADDER, {"rungs": [[3, 60]]}),
        ("new_address_hold", {"hours": -1}),
        ("new_address_hold", {"hours": True}),
        ("new_address_hold", {"hours": 721}),
        ("net_purchase_hold", {"hours": {"low": 1}}),
        ("net_purchase_hold", {"hours": {"low": 1, "medium": 1, "high": "1"}}),
    ],
)
def test_no_rule_is_tuned_to_nonsense(admin: User, code: str, parameters: dict[str, Any]) -> None:
    before = snapshot()
    answer = tune(admin, code, parameters=parameters)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert {table: rows for table, rows in snapshot().items() if rows != before[table]}.keys() <= {
        "accounts_session",
        "accounts_refreshtoken",
    }


def test_support_looks_and_an_admin_tunes(admin: User) -> None:
    support = make_user(role="support")
    assert len(auth_client(support).get("/api/admin/rules").json()) == len(RULES)
    assert tune(support, LADDER, enabled=False).status_code == 403
    assert tune(admin, "no_such_rule", enabled=False).status_code == 404
    assert not Rule.objects.exists()
    assert not RuleChange.objects.exists()


@pytest.mark.parametrize("production", [True, False])
def test_defaults_are_within_what_the_rules_accept(production: bool, settings: Any) -> None:
    settings.PRODUCTION = production
    faults = [
        (spec.code, name)
        for spec in RULES.values()
        for name, parameter in spec.parameters.items()
        if not parameter.accepts(parameter.default)
    ]
    assert faults == []
