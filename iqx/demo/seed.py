"""The demo data: markets, and people to try them with. Making it again changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from accounts.models import KycStatus, PaymentMethod, Role, User
from iqx.core import clock
from iqx.core.locking import LockRank, lock_one
from iqx.core.money import ZERO
from iqx.core.transactions import unit_of_work
from orders.models import Market
from orders.selectors import market_exists
from orders.services import open_market
from wallets.selectors import deposits_of
from wallets.services import request_deposit

PASSWORD: Final = "demo-pass-2026"  # noqa: S105 everybody knows it


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to log in as; `funds` is the USDT that he once deposited."""

    name: str
    role: Role = Role.USER
    funds: Decimal = ZERO

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@iqx.example"


PEOPLE: Final = (
    *(Person(name, funds=Decimal(10_000)) for name in ("Alice", "Bob", "Carol")),
    Person("Support", Role.SUPPORT),
    Person("Admin", Role.ADMIN),
    Person("Admin2", Role.ADMIN),  # what takes two people takes these
    Person("Auditor", Role.AUDITOR),
)


_USUAL_FEES = ("0.0005", "0.001")


def _markets() -> list[Market]:
    """USDT-USD charges nothing, so that a first trade there has round numbers."""
    return [
        _market("EUR", "0.0001", _USUAL_FEES, minutes=30),
        _market("USD", "0.0001", ("0", "0"), minutes=30),
        _market("GBP", "0.0001", _USUAL_FEES, minutes=30),
        _market("VND", "1", _USUAL_FEES, minutes=15),
        _market("NGN", "0.1", _USUAL_FEES, minutes=15),
    ]


def _market(quote: str, tick: str, fees: tuple[str, str], *, minutes: int) -> Market:
    maker_fee, taker_fee = fees
    methods = PaymentMethod.objects.filter(Q(currencies__contains=[quote]) | Q(currencies=[]))
    return Market(
        symbol=f"USDT-{quote}",
        quote=quote,
        tick_size=Decimal(tick),
        lot_size=Decimal("0.01"),
        min_amount=Decimal(1),
        max_amount=Decimal(50_000),
        maker_fee=Decimal(maker_fee),
        taker_fee=Decimal(taker_fee),
        payment_methods=list(methods.values_list("code", flat=True)),
        payment_window=minutes * 60,
    )


def seed() -> Iterator[str]:
    """Make what is missing of the demo data; what is there stays as people left it. Yields what was made."""
    for market in _markets():
        if not market_exists(market.symbol):
            open_market(market)
            yield f"opened {market.symbol}"
    for person in PEOPLE:
        yield from _make(person)


def _make(person: Person) -> Iterator[str]:
    password = "" if User.objects.filter(email=person.email).exists() else make_password(PASSWORD)
    with unit_of_work(may_join=True):
        user, is_new = User.objects.get_or_create(
            email=person.email,
            defaults={
                "display_name": person.name,
                "password": password,
                "role": person.role,
                "kyc_status": KycStatus.VERIFIED,
                "kyc_level": 1,
                "email_verified_at": clock.now(),
            },
        )
        lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user.pk))
        owes_deposit = person.funds > 0 and not deposits_of(user.id).exists()
        if owes_deposit:
            request_deposit(user=user, amount=person.funds)
    if is_new:
        yield f"made {person.email}"
    if owes_deposit:
        yield f"deposited {person.funds} USDT for {person.email}"
