"""A market, and people who trade there: funded, and logged in."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from accounts.clients import Client
from accounts.families import open_session
from accounts.models import KycStatus, User
from benchmarks.flow import MARKETS, TICK
from orders.models import Market
from orders.services import open_market
from wallets.services import request_deposit

_FUNDS = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Trader:
    user: User
    token: str


def settle(people: int) -> list[Trader]:
    """Open the markets and make their traders."""
    for symbol in MARKETS:
        open_market(
            Market(
                symbol=symbol,
                quote=symbol.partition("-")[2],
                tick_size=TICK,
                lot_size=Decimal("0.01"),
                min_amount=Decimal(1),
                max_amount=Decimal(50_000),
                maker_fee=Decimal("0.0005"),
                taker_fee=Decimal("0.001"),
                payment_methods=["sepa_instant", "sepa", "revolut", "wise"],
            )
        )
    return [_trader(number) for number in range(people)]


def _trader(number: int) -> Trader:
    user = User.objects.create(
        email=f"bench{number}@iqx.example",
        display_name=f"Trader {number}",
        password="!",
        kyc_status=KycStatus.VERIFIED,
        kyc_level=2,
    )
    with transaction.atomic():
        session = open_session(user, Client(ip="127.0.0.1", network="127.0.0.1", user_agent="benchmarks"))
    request_deposit(user=user, amount=_FUNDS)
    return Trader(user, session.tokens.access)
