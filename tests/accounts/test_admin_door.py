"""The admin's door: where it is, how long it stays open, and what it takes to move money inside."""

import subprocess
import sys

import pytest
from django.conf import settings as live_settings
from django.test import Client as Browser
from pytest_django import Settings

from accounts.models import Role, User
from tests.accounts.conftest import Travel
from tests.factories.accounts import PASSWORD, code_of, make_user, with_two_factor
from tests.factories.wallets import balance_of, fund, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> User:
    return make_user(role=Role.ADMIN)


def test_it_is_on_its_own_host_alone(client: Browser, settings: Settings) -> None:
    settings.ADMIN_HOST = "staff.iqx.example"
    assert client.get("/admin/login/").status_code == 404
    assert client.get("/admin/login/", HTTP_HOST="staff.iqx.example").status_code == 200
    assert client.get("/api/health").status_code == 200


def test_it_is_where_the_operator_says() -> None:
    code = (
        "import django; django.setup()\n"
        "from django.urls import reverse, resolve\n"
        "print(reverse('admin:login'), resolve('/desk-7f3/login/').view_name)"
    )
    environment = {
        "IQX_ADMIN_PATH": "/desk-7f3/",
        "DJANGO_SETTINGS_MODULE": "iqx.settings",
        "DATABASE_URL": "postgresql:///none",
    }
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=live_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["/desk-7f3/login/", "admin:login"]


def test_who_does_nothing_is_logged_out(client: Browser, admin: User, travel: Travel, settings: Settings) -> None:
    client.force_login(admin)
    for _ in range(3):
        assert client.get("/admin/").status_code == 200
        travel.forward(seconds=settings.ADMIN_SESSION_SECONDS - 1)
    travel.forward(seconds=2)
    assert client.get("/admin/").status_code == 302


def test_money_takes_a_fresh_log_in_of_who_has_a_second_factor(
    client: Browser, admin: User, travel: Travel, settings: Settings
) -> None:
    owner = make_user()
    fund(owner, 100)
    withdrawal = withdraw(owner, 40)
    held = balance_of(owner)
    secret = with_two_factor(admin)
    approve = {"action": "approve", "_selected_action": [str(withdrawal.pk)]}

    def log_in() -> None:
        body = {"username": admin.email, "password": PASSWORD, "otp": code_of(secret)}
        assert client.post("/admin/login/", body).status_code == 302

    log_in()
    travel.forward(seconds=settings.ADMIN_PROOF_SECONDS)
    answer = client.post("/admin/wallets/withdrawal/", approve, follow=True)
    assert "log out and in again" in answer.content.decode()
    assert balance_of(owner) == held
    client.logout()
    log_in_again = {"username": admin.email, "password": PASSWORD, "otp": code_of(secret, steps_ago=-1)}
    assert client.post("/admin/login/", log_in_again).status_code == 302
    client.post("/admin/wallets/withdrawal/", approve)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "confirmed"
