"""The admin's door: where it is, how long it stays open, and what it takes to move money inside."""

import json
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from authenticator import Authenticator
from django.conf import settings as live_settings
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from accounts import services
from accounts.clients import Client
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
        "from iqx.core.api.middleware import _ALWAYS_OPEN\n"
        "print(reverse('admin:login'), resolve('/desk-7f3/login/').view_name, '/desk-7f3/' in _ALWAYS_OPEN)"
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
    assert run.stdout.split() == ["/desk-7f3/login/", "admin:login", "True"]


def test_who_does_nothing_is_logged_out(client: Browser, admin: User, travel: Travel, settings: Settings) -> None:
    client.force_login(admin)
    for _ in range(3):
        assert client.get("/admin/").status_code == 200
        travel.forward(seconds=settings.ADMIN_SESSION_SECONDS - 1)
    travel.forward(seconds=2)
    assert client.get("/admin/").status_code == 302


def test_money_takes_a_fresh_proof_of_who_has_a_second_factor(
    client: Browser, admin: User, travel: Travel, settings: Settings
) -> None:
    owner = make_user()
    fund(owner, 100)
    withdrawal = withdraw(owner, 40)
    held = balance_of(owner)
    secret = with_two_factor(admin)
    log_in = {"username": admin.email, "password": PASSWORD, "otp": code_of(secret)}
    assert client.post("/admin/login/", log_in).status_code == 302
    travel.forward(seconds=settings.ADMIN_PROOF_SECONDS)

    approve = {"action": "approve", "reason": "He called."}
    chosen = approve | {"_selected_action": [str(withdrawal.pk)]}
    assert "show it here" in client.post("/admin/wallets/withdrawal/", chosen, follow=True).content.decode()
    page = reverse("desk:withdrawal", args=[withdrawal.pk])
    step = client.post(page, approve)["Location"]
    assert step == f"{reverse('desk:prove')}?{urlencode({'next': page})}"
    assert 'name="otp"' in client.get(step).content.decode()

    proof = {"next": page, "password": PASSWORD, "otp": code_of(secret, steps_ago=-1)}
    for wrong in ({"password": "wrong"}, {"otp": "000000"}, {"otp": ""}):
        assert client.post(reverse("desk:prove"), proof | wrong)["Location"] == step
        assert client.post(page, approve)["Location"] == step
    assert balance_of(owner) == held
    assert client.post(reverse("desk:prove"), proof)["Location"] == page
    client.post(page, approve)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "confirmed"


def test_a_passkey_is_proof_and_nobody_is_led_away(client: Browser, admin: User, settings: Settings) -> None:
    origin = "https://iqx.example"
    settings.PASSKEY_RP_ID, settings.PASSKEY_ORIGINS = "iqx.example", [origin]
    phone = Authenticator(origin)
    begun = services.begin_adding_passkey(
        user=admin, password=PASSWORD, client=Client("127.0.0.1", "127.0.0.1", "tests")
    )
    created = phone.create(begun.options)
    services.add_passkey(user_id=admin.pk, challenge=begun.id, credential=created, name="Phone")
    client.force_login(admin)
    asked = client.get(reverse("desk:prove")).context["ceremony"]
    signed = {"challenge": asked["challenge"], "credential": phone.get(asked["options"])}
    body = {"next": "https://elsewhere.example/", "credential": json.dumps(signed)}
    assert client.post(reverse("desk:prove"), body | {"credential": "[]"})["Location"].startswith(reverse("desk:prove"))
    assert client.post(reverse("desk:prove"), body)["Location"] == reverse("admin:index")
    assert "admin_proved_at" in client.session
    again = client.post(reverse("desk:prove"), body, follow=True).content.decode()
    assert "This challenge was used" in again
