"""Maintenance: people look and change nothing, and lose no time by it. And the halt of a market."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core import maintenance, pulse
from iqx.core.models import Event, Maintenance, PulseKind
from iqx.runtime.sweeper import enforce_trade_deadlines
from orders.models import Market, Order
from tests.core.api.test_problems import assert_problem
from tests.factories.accounts import PASSWORD, log_in, make_user
from tests.factories.orders import SYMBOL, MovedClock, fresh, make_trader, trade_between
from tests.factories.wallets import balance_of

pytestmark = pytest.mark.django_db

ORDER = {"market": SYMBOL, "side": "sell", "price": "1", "amount": "10"}


@pytest.fixture(autouse=True)
def no_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(maintenance, "FRESH_S", 0.0)
    maintenance.door.forget()
    yield
    monkeypatch.undo()
    maintenance.door._seen = None
    maintenance.door.stay_as_it_is()


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {log_in(user).tokens.access}")
    return client


def snapshot() -> tuple[int, int]:
    return Event.objects.count(), Order.objects.count()


def test_people_look_and_change_nothing(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    offer = client_of(seller).post("/api/v1/orders", ORDER, format="json").json()["order"]
    call_command("maintenance", "on", reason="A new disk.", minutes=30)
    before = snapshot()
    calls = [
        (seller, "post", "/api/v1/orders", ORDER),
        (seller, "post", "/api/v1/orders?validate_only=true", ORDER),
        (seller, "post", "/api/v1/orders/batch", {"orders": [ORDER]}),
        (buyer, "post", f"/api/v1/orders/{offer['id']}/take", {"amount": "10", "version": offer["version"]}),
        (seller, "patch", f"/api/v1/orders/{offer['id']}", {"price": "2"}),
        (seller, "delete", f"/api/v1/orders/{offer['id']}", None),
        (buyer, "post", f"/api/v1/trades/{trade.id}/paid", {}),
        (seller, "post", "/api/v1/wallet/withdrawals", {}),
    ]
    for user, method, path, body in calls:
        answer = getattr(client_of(user), method)(path, body, format="json")
        problem = assert_problem(answer, 503, "maintenance")
        assert problem["reason"] == "A new disk."
        assert 1700 < int(answer.headers["Retry-After"]) <= 1800
    assert snapshot() == before
    assert fresh(trade).status == "awaiting_payment"
    assert balance_of(seller) == (9_890, 110)
    for path in ("/api/v1/wallet", "/api/v1/orders", f"/api/v1/trades/{trade.id}", f"/api/v1/markets/{SYMBOL}/book"):
        assert client_of(seller).get(path).status_code == 200
    status = APIClient().get("/api/v1/status").json()
    assert (status["status"], status["reason"]) == ("maintenance", "A new disk.")

    page = Client().post("/somewhere")
    assert (page.status_code, "A new disk." in page.content.decode()) == (503, True)

    call_command("maintenance", "off")
    assert client_of(seller).post("/api/v1/orders", ORDER, format="json").status_code == 201
    assert APIClient().get("/api/v1/status").json()["status"] == "open"


def test_log_in_and_staff_go_on(buyer: User) -> None:
    maintenance.begin(reason="A new disk.", by="somebody")
    wrong = {"email": buyer.email, "password": "wrong"}
    assert APIClient().post("/api/v1/auth/login", wrong, format="json").status_code == 401
    chief, right = make_user(role="admin"), {"password": PASSWORD}
    for door, field in ((reverse("web:login"), "email"), (reverse("admin:login"), "username")):
        browser = Client()
        assert browser.post(door, right | {field: chief.email}).status_code == 302
        assert browser.get(reverse("admin:index")).status_code == 200
        assert browser.post(reverse("desk:announcements"), {"action": "end"}).status_code != 503
    assert Client().post(reverse("web:not-me"), {}).status_code != 503
    decided = client_of(make_user(role="admin")).post(f"/api/admin/kyc/{uuid4()}/approve", {"level": 1}, format="json")
    assert decided.status_code == 404  # no such request, which is not what a shut door says


def test_clocks_freeze_and_resume(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    def live(seconds: int) -> None:
        for _ in range(seconds // 20):
            moved_clock.pass_by(20)
            pulse.beat(PulseKind.WEB)
            enforce_trade_deadlines()

    live(20)
    trade = trade_between(seller, buyer)
    live(1700)
    maintenance.begin(reason="A new disk.", by="somebody")
    live(2 * 3600)
    assert fresh(trade).status == "awaiting_payment"
    maintenance.end()
    live(80)
    after = fresh(trade)
    assert (after.status, after.extended) == ("awaiting_payment", timedelta(hours=2))
    live(40)
    assert fresh(trade).status == "expired"


def test_there_is_one_maintenance_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="not in maintenance"):
        call_command("maintenance", "off")
    maintenance.begin(reason="One.", by="somebody")
    with pytest.raises(CommandError, match="already"):
        call_command("maintenance", "on")
    call_command("maintenance", "status")
    assert "by somebody: One." in capsys.readouterr().out
    assert Maintenance.objects.count() == 1


def test_what_was_seen_is_remembered_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "FRESH_S", 60.0)
    assert maintenance.door.shut_by() is None
    maintenance.begin(reason="One.", by="somebody")
    assert maintenance.door.shut_by() is None
    maintenance.door.forget()
    assert maintenance.door.shut_by()


def test_a_halted_market_takes_no_orders_and_lets_trades_go_on(market: Market) -> None:
    seller, buyer = make_trader(), make_trader(0)
    trade = trade_between(seller, buyer)
    offer = client_of(seller).post("/api/v1/orders", ORDER, format="json").json()["order"]
    call_command("market", "halt", SYMBOL, reason="A wrong price.")
    answer = client_of(seller).post("/api/v1/orders", ORDER, format="json")
    assert_problem(answer, 409, "market_halted")
    take = {"amount": "10", "version": offer["version"]}
    refused = client_of(buyer).post(f"/api/v1/orders/{offer['id']}/take", take, format="json")
    assert_problem(refused, 409, "market_halted")
    assert client_of(buyer).post(f"/api/v1/trades/{trade.id}/paid", {}, format="json").status_code == 200
    assert client_of(seller).delete(f"/api/v1/orders/{offer['id']}").status_code == 200
    call_command("market", "resume", all=True)
    assert client_of(seller).post("/api/v1/orders", ORDER, format="json").status_code == 201


def test_halting_wants_a_market_and_a_reason(market: Market) -> None:
    for arguments, options in (
        (["halt", SYMBOL], {}),
        (["halt"], {"reason": "x"}),
        (["halt", "USDT-XXX"], {"reason": "x"}),
    ):
        with pytest.raises(CommandError):
            call_command("market", *arguments, **options)
    market.refresh_from_db()
    assert market.status == Market.Status.TRADING
