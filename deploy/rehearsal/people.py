"""Who trades in the rehearsal: verified, funded by an admin's confirmation as production asks for, and logged in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.core.management import call_command
from django.db import transaction

from accounts.clients import Client
from accounts.families import open_session
from accounts.models import KycStatus, Role, User
from orders.models import Market
from orders.services import open_market
from wallets.services import confirm_deposit, request_deposit

MARKET: Final = "USDT-USD"
UNUSABLE: Final = "!"
"""Nobody logs in by password here: sessions are opened for them."""
_FUNDS: Final = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Person:
    user_id: str
    token: str


def settle(count: int) -> list[Person]:
    """Migrate the database, open the market, and make its people."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    open_market(
        Market(
            symbol=MARKET,
            quote="USD",
            tick_size=Decimal("0.001"),
            lot_size=Decimal("0.01"),
            min_amount=Decimal(1),
            max_amount=Decimal(50_000),
            maker_fee=Decimal("0.0005"),
            taker_fee=Decimal("0.001"),
            payment_methods=["wise", "zelle"],
        )
    )
    admin = User.objects.create(
        email="admin@iqx.example", display_name="Admin", password=UNUSABLE, role=Role.ADMIN, two_factor=True
    )
    return [_person(number, admin) for number in range(count)]


def _person(number: int, admin: User) -> Person:
    user = User.objects.create(
        email=f"person{number}@iqx.example",
        display_name=f"Person {number}",
        password=UNUSABLE,
        kyc_status=KycStatus.VERIFIED,
        kyc_level=2,
    )
    with transaction.atomic():
        session = open_session(user, Client(ip="127.0.0.1", network="127.0.0.1", user_agent="rehearsal"))
    deposit = request_deposit(user=user, amount=_FUNDS)
    confirm_deposit(deposit_id=deposit.pk, actor=admin)
    return Person(str(user.pk), session.tokens.access)
