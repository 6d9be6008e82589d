from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.clients import Client as Caller
from accounts.models import KycStatus, Role, User
from accounts.services import check_credentials
from iqx.demo.seed import PASSWORD
from orders.models import Book, Market
from orders.services import open_market
from tests.factories.accounts import make_user
from tests.factories.wallets import balance_of, withdraw
from wallets import audit
from wallets.models import Deposit

pytestmark = pytest.mark.django_db


def seed(**options: int) -> str:
    output = StringIO()
    call_command("seed_demo", stdout=output, **options)
    return output.getvalue()


def test_it_makes_markets_and_people_as_documented() -> None:
    seed()
    markets = Market.objects.values_list("symbol", flat=True)
    assert set(markets) == {"USDT-EUR", "USDT-USD", "USDT-GBP", "USDT-VND", "USDT-NGN"}
    assert Book.objects.count() == 5
    assert "sepa" in Market.objects.get(pk="USDT-EUR").payment_methods
    assert "sepa" not in Market.objects.get(pk="USDT-NGN").payment_methods
    for name in ("alice", "bob", "carol"):
        user = User.objects.get(email=f"{name}@iqx.example")
        assert (user.role, user.kyc_status, user.kyc_level) == (Role.USER, KycStatus.VERIFIED, 1)
        assert user.email_verified_at is not None
        assert balance_of(user) == (Decimal(10_000), Decimal(0))
    staff = dict(User.objects.exclude(role=Role.USER).values_list("email", "role"))
    roles = {"support": "support", "admin": "admin", "admin2": "admin", "auditor": "auditor"}
    assert staff == {f"{name}@iqx.example": role for name, role in roles.items()}
    assert audit.audit() == []


def test_everybody_can_log_in_with_the_demo_password() -> None:
    seed()
    for user in User.objects.all():
        assert check_credentials(email=user.email, password=PASSWORD, client=Caller()) == user
    admin, door = Client(), "/admin/login/"
    following = admin.get(door).context["next"]
    entered = admin.post(door, {"username": "admin@iqx.example", "password": PASSWORD, "next": following})
    assert entered["Location"] == "/admin/"
    assert admin.get("/admin/").status_code == 200


def test_seeding_again_changes_nothing_that_people_did() -> None:
    seed()
    alice = User.objects.get(email="alice@iqx.example")
    withdraw(alice, 400)
    alice.display_name = "Alicia"
    alice.save()
    market = Market.objects.get(pk="USDT-EUR")
    market.status = Market.Status.HALTED
    open_market(market)
    before = list(User.objects.order_by("id").values())

    assert "complete already" in seed()
    assert list(User.objects.order_by("id").values()) == before
    assert balance_of(alice) == (Decimal(9_599), Decimal(401))
    assert Deposit.objects.count() == 3
    assert Market.objects.get(pk="USDT-EUR").status == Market.Status.HALTED


def test_a_known_person_without_money_gets_it_and_keeps_the_rest() -> None:
    alice = make_user(email="alice@iqx.example", display_name="The first Alice")
    seed()
    alice.refresh_from_db()
    assert alice.display_name == "The first Alice"
    assert balance_of(alice) == (Decimal(10_000), Decimal(0))


def test_it_says_what_it_does_unless_told_not_to() -> None:
    assert seed(verbosity=0) == ""
    User.objects.filter(email="admin@iqx.example").update(email="root@iqx.example")
    assert seed().splitlines()[0] == "made admin@iqx.example"


def test_production_refuses_it_and_nothing_is_made(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="no place in production"):
        seed()
    assert not User.objects.exists()
    assert not Market.objects.exists()
