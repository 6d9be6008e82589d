"""What operators and their machines are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core import clock, pulse
from iqx.core.models import PulseKind
from iqx.ops import collectors, readiness, readings
from iqx.ops.models import Reading
from iqx.runtime.sweeper import Chore, Sweeper, measurements
from orders.models import Market
from tests.core.api.test_problems import assert_problem
from tests.factories.accounts import log_in, make_user
from tests.factories.orders import SYMBOL, MovedClock, make_trader, trade_between
from tests.factories.wallets import withdraw
from tests.services import free_port
from wallets.audit import Finding, examine

TOKEN = "a-monitor-token-of-forty-characters-0000"

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor(settings: Settings) -> APIClient:
    settings.MONITOR_TOKEN = TOKEN
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    return client


def scrape(client: APIClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    page = client.get("/metrics")
    assert page.status_code == 200
    families = text_string_to_metric_families(page.content.decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(found: dict[Any, float], name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def measure_all() -> None:
    for chore in measurements():
        chore.run()


# Readiness


def test_all_is_well(client: Client) -> None:
    for kind in PulseKind:
        pulse.beat(kind)
    readings.renew(readings.LEDGER)
    answer = client.get("/api/monitor/health", {"strict": "true"})
    assert answer.status_code == 200
    checks = dict.fromkeys(("database", "channel_layer", "worker", "ledger", "clock"), "ok")
    assert answer.json() == {"status": "ok", "checks": checks}


def test_without_redis_or_worker_it_serves_and_says_so(
    client: Client, monitor: APIClient, settings: Settings, moved_clock: MovedClock
) -> None:
    pulse.beat(PulseKind.WORKER)
    moved_clock.pass_by(60)
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(readiness.CHECKS, "clock", lambda: readiness.Outcome("ok"))  # it was moved
        answer = client.get("/api/monitor/health")
        strict = client.get("/api/monitor/health", {"strict": "true"})
        told = monitor.get("/api/monitor/health").json()
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert {name for name, state in answer.json()["checks"].items() if state != "ok"} == {"channel_layer", "worker"}
    assert strict.status_code == 503
    assert "details" not in answer.json()
    assert told["details"]["worker"] == "last heard of 60 s ago"
    assert "refused" in told["details"]["channel_layer"]


def test_with_redis_the_channel_layer_is_ok(client: Client, settings: Settings, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    assert client.get("/api/monitor/health").json()["checks"]["channel_layer"] == "ok"


def test_without_its_database_or_with_a_wrong_clock_a_process_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    moved_clock.pass_by(10)
    answer = client.get("/api/monitor/health")
    assert (answer.status_code, answer.json()["checks"]["clock"]) == (503, "failed")

    def away() -> readiness.Outcome:
        raise DatabaseError("no route to secret-host")

    monkeypatch.setitem(readiness.CHECKS, "database", away)
    caplog.clear()
    for _ in range(3):
        answer = client.get("/api/monitor/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert b"secret-host" not in answer.content
    assert [record.message for record in caplog.records].count(
        "Readiness: database is failed: no route to secret-host"
    ) == 1


def test_books_that_do_not_balance_are_told_and_do_not_take_the_platform_down(
    client: Client, monkeypatch: pytest.MonkeyPatch, monitor: APIClient
) -> None:
    result = examine()[0]
    result.findings.append(Finding("wallet_sums", "somebody", "shows 2, entries say 1"))
    monkeypatch.setattr(readings, "examine", lambda: [result])
    readings.renew(readings.LEDGER)
    answer = client.get("/api/monitor/health")
    assert (answer.status_code, answer.json()["checks"]["ledger"]) == (200, "failed")
    assert value(scrape(monitor), "iqx_ledger_audit_findings") == 1


# Access


@pytest.mark.parametrize("path", ["/metrics", "/api/monitor/metrics", "/api/monitor/system"])
def test_the_token_and_admins_are_let_in_and_nobody_else(path: str, monitor: APIClient, settings: Settings) -> None:
    def status(role: str) -> int:
        return int(
            APIClient().get(path, headers={"Authorization": f"Bearer {access(make_user(role=role))}"}).status_code
        )

    assert monitor.get(path).status_code == 200
    assert [status(role) for role in ("admin", "support", "user")] == [200, 403, 403]
    assert_problem(APIClient().get(path), 401, "not_authenticated")
    assert_problem(APIClient().get(path, headers={"Authorization": "Bearer wrong"}), 401, "authentication_failed")
    settings.MONITOR_TOKEN = ""
    assert APIClient().get(path, headers={"Authorization": "Bearer "}).status_code == 401


def access(user: User) -> str:
    return str(log_in(user).tokens.access)


# Numbers


def test_requests_are_counted_by_pattern_and_status(monitor: APIClient) -> None:
    labels = {"method": "GET", "route": "/api/v1/markets/<str:symbol>", "status": "404"}
    before = value(scrape(monitor), "iqx_http_requests_total", **labels) or 0
    for name in ("one", "two"):
        monitor.get(f"/api/v1/markets/{name}", headers={"Authorization": ""})
    monitor.generic("BREW", "/nowhere")
    found = scrape(monitor)
    assert value(found, "iqx_http_requests_total", **labels) == before + 2
    assert (value(found, "iqx_http_requests_total", method="other", route="unknown", status="404") or 0) >= 1
    assert (value(found, "iqx_http_request_seconds_count", method="GET", route=labels["route"]) or 0) >= 2


def test_an_order_its_fill_and_a_withdrawal_are_counted(
    monitor: APIClient, market: Market, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    def counted() -> list[float]:
        found = scrape(monitor)
        return [
            value(found, "iqx_orders_total", market=SYMBOL, side="sell") or 0,
            value(found, "iqx_fills_total", market=SYMBOL) or 0,
            value(found, "iqx_matching_batch_orders_count") or 0,
            value(found, "iqx_money_requests_total", kind="withdrawal", status="pending") or 0,
            value(found, "iqx_money_requests_usdt_total", kind="withdrawal", status="pending") or 0,
        ]

    seller, buyer = make_trader(), make_trader(0)
    before = counted()
    with django_capture_on_commit_callbacks(execute=True):
        for user, side in ((seller, "sell"), (buyer, "buy")):
            body = {"market": SYMBOL, "side": side, "price": "1", "amount": "10"}
            headers = {"Authorization": f"Bearer {access(user)}"}
            assert APIClient().post("/api/v1/orders", body, format="json", headers=headers).status_code == 201
        withdraw(seller, 7)
    assert [after - b for after, b in zip(counted(), before, strict=True)] == [1, 1, 2, 1, 7]


def test_a_dry_run_counts_as_no_order(
    monitor: APIClient, market: Market, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    before = value(scrape(monitor), "iqx_orders_total", market=SYMBOL, side="buy")
    body = {"market": SYMBOL, "side": "buy", "price": "1", "amount": "10"}
    headers = {"Authorization": f"Bearer {access(make_user())}"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = APIClient().post("/api/v1/orders?validate_only=true", body, format="json", headers=headers)
    assert answer.status_code == 200
    assert value(scrape(monitor), "iqx_orders_total", market=SYMBOL, side="buy") == before


def test_what_waits_is_measured_by_the_worker_and_read_in_one_query(
    monitor: APIClient, seller: User, buyer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    trade = trade_between(seller, buyer)
    type(trade).objects.update(created_at=clock.now() - timedelta(hours=2))
    withdraw(seller, 5)
    pulse.beat(PulseKind.WORKER)
    measure_all()
    with django_assert_num_queries(1):
        found = scrape(monitor)
    assert value(found, "iqx_trades", status="awaiting_payment") == 1
    assert (value(found, "iqx_trades_oldest_seconds", status="awaiting_payment") or 0) > 7000
    assert value(found, "iqx_withdrawals_waiting", status="pending") == 1
    assert (value(found, "iqx_heartbeat_age_seconds", kind="worker") or 99) < 30
    assert value(found, "iqx_ledger_audit_findings") == 0
    assert (value(found, "iqx_process_resident_bytes", process="this") or 0) > 10_000_000
    assert set(collectors._HELP) == set(readings._QUERIES) | set(Reading.objects.get(pk=readings.STATE).data)


def test_of_several_workers_one_measures(monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock) -> None:
    taken = []
    measure = readings.Measure(readings.STATE, timedelta(seconds=10), lambda: taken.append(1) or {"x": []})  # type: ignore[func-returns-value]
    monkeypatch.setattr(readings, "measures", lambda: [measure])
    for _ in range(3):
        readings.measure_what_is_due((readings.STATE,))
    assert len(taken) == 1
    moved_clock.pass_by(11)
    assert not readings._is_due(measure) or readings._claim(measure)
    assert not readings._claim(measure)  # somebody else has it now


def test_a_chore_that_fails_is_counted(monitor: APIClient) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    Sweeper([])._do(Chore("try in vain", fail))
    assert value(scrape(monitor), "iqx_chore_failures_total", chore="try in vain") == 1


def test_without_its_database_a_process_still_tells_what_it_counted(
    monitor: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(readings, "latest", away)
    found = scrape(monitor)
    assert value(found, "iqx_database_up") == 0
    assert any(name == "iqx_http_requests_total" for name, _ in found)


def test_the_json_has_what_the_page_has(monitor: APIClient) -> None:
    measure_all()
    page = {name for name, _ in scrape(monitor)}
    metrics = monitor.get("/api/monitor/metrics").json()["metrics"]
    assert {sample["name"] for metric in metrics.values() for sample in metric["samples"]} >= page
    system = monitor.get("/api/monitor/system").json()
    assert system["environment"] == "sandbox"
    assert system["processes"][0]["resident_bytes"] > 10_000_000


def test_redis_errors_are_no_secret_for_strangers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> readiness.Outcome:
        raise redis.ConnectionError("secret-host:6379")

    monkeypatch.setitem(readiness.CHECKS, "channel_layer", fail)
    assert b"secret-host" not in client.get("/api/monitor/health").content
