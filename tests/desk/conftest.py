"""Somebody of each role, and one thing of each kind that waits for staff."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.kyc.services import submit_kyc
from accounts.models import Flag, KycSubmission, Role, User
from accounts.trust.flags import Finding, raise_flags
from accounts.trust.rules import FRESH_SELLER
from disputes.models import Dispute
from iqx.core import files
from support.models import Ticket
from support.services import open_ticket
from tests.core.files.conftest import folder
from tests.disputes.conftest import dispute_about
from tests.factories.accounts import make_user
from tests.factories.files import upload
from tests.factories.orders import bring_to, trade_between
from tests.factories.trading import buyer, market, quick_and_unlimited, seller
from tests.factories.wallets import fund, withdraw
from trades.models import Trade
from wallets.models import Withdrawal

__all__ = ["buyer", "folder", "market", "quick_and_unlimited", "seller"]

Act = Callable[..., Any]


@pytest.fixture
def support(db: None) -> User:
    return make_user(role=Role.SUPPORT, display_name="Sue Support")


@pytest.fixture
def chief(db: None) -> User:
    return make_user(role=Role.ADMIN, display_name="Ann Admin")


@pytest.fixture
def auditor(db: None) -> User:
    return make_user(role=Role.AUDITOR)


@pytest.fixture
def dispute(seller: User, buyer: User) -> Dispute:
    return dispute_about(bring_to(trade_between(seller, buyer), Trade.Status.PAID))


@pytest.fixture
def withdrawal(buyer: User) -> Withdrawal:
    fund(buyer, 500)
    return withdraw(buyer, 200)


@pytest.fixture
def ticket(buyer: User) -> Ticket:
    return open_ticket(user=buyer, subject="Where is it?", category="deposit", body="My deposit is not there.")


@pytest.fixture
def submission(folder: Any) -> KycSubmission:
    return submit_kyc(
        user_id=make_user().pk,
        document_type="passport",
        country="DE",
        legal_name="Ann Example",
        document_number="C01X00T47",
        documents={"front": files.receive(upload())},
    )


@pytest.fixture
def flag(seller: User) -> Flag:
    raise_flags([Finding(FRESH_SELLER, Flag.Subject.USER, seller.pk, seller.pk, "Sold much, and is new.")])
    return Flag.objects.get()


def pages_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def act(person: User, address: str, action: str, **fields: Any) -> str:
    """Press a button on one of staff's pages; the page that follows."""
    answer = pages_of(person).post(address, {"action": action, **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()
