"""The account's side: each page has a fixed number of queries, and strangers find nothing."""

from typing import Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import create_api_key
from accounts.trust.services import relate
from disputes.models import Dispute
from disputes.services import add_statement, open_dispute
from iqx.core import files
from iqx.notices.dispatch import Dispatcher
from iqx.notices.models import Notice, Webhook
from iqx.notices.webhooks import create_webhook
from support.models import Ticket
from support.services import open_ticket, reply
from tests.factories.accounts import make_user
from tests.factories.files import upload
from tests.factories.orders import make_market, make_trader, place, trade_between
from tests.factories.payments import add_account
from tests.factories.wallets import withdraw
from tests.web.browsing import browser_of
from trades.feedback import give_feedback
from trades.models import Transaction
from wallets.services import add_address

pytestmark = pytest.mark.django_db

QUERIES: Final = {
    "/wallet": 9,
    "/wallet?part=balance": 4,
    "/wallet/statement": 6,
    "/wallet/deposit": 7,
    "/wallet/withdraw": 8,
    "/wallet/addresses": 7,
    "/receipts": 6,
    "/receipts/{receipt}": 6,
    "/traders/{trader}": 12,
    "/people": 6,
    "/disputes": 8,
    "/disputes/{dispute}": 8,
    "/support": 8,
    "/support/{ticket}": 8,
    "/support/new": 6,
    "/account": 8,
    "/account/profile": 5,
    "/account/verification": 6,
    "/account/security": 8,
    "/account/security/passkeys": 6,
    "/account/security/second-factor": 6,
    "/account/sessions": 6,
    "/account/api-keys": 6,
    "/account/payment-accounts": 6,
    "/account/payment-accounts/new": 6,
    "/account/payment-accounts/new/sepa": 6,
    "/account/notices": 7,
    "/account/webhooks": 6,
    "/account/webhooks/{webhook}": 7,
    "/notices": 8,
    "/help": 5,
    "/help/fees": 8,
}


def fill(user: User, other: User, number: int) -> None:
    """One more of everything that the pages list."""
    trade = trade_between(other, user, 10, status="released")
    give_feedback(trade_id=trade.pk, actor_id=user.pk, rating=5, comment="Quick.")
    disputed = trade_between(user, other, 10, status="paid")
    dispute = open_dispute(trade_id=disputed.pk, actor_id=user.pk, reason="payment_not_received", statement="Nothing.")
    add_statement(dispute_id=dispute.pk, actor_id=other.pk, statement="Here.", received=[files.receive(upload())])
    ticket = open_ticket(user=user, subject="Why?", category="other", body="Why?", received=[files.receive(upload())])
    reply(ticket_id=ticket.pk, user=user, body="Hello?")
    place(other, "sell", 2 + number, 10, payment_methods=["sepa"])
    withdraw(user, 1)
    add_address(user=user, name="phone", address=f"0x{number:040x}")
    add_account(user, iban="DE89370400440532013000")
    create_api_key(user_id=user.pk, name="bot", scopes=["read"])
    create_webhook(user=user, url=f"https://hooks.example/{number}")
    relate(owner_id=user.pk, other_id=make_user().pk, kind="favourite")  # type: ignore[arg-type]
    browser_of(user)
    Dispatcher().round()


def costs(browser: Client, user: User, other: User) -> dict[str, int]:
    ids = {
        "receipt": Transaction.objects.filter(buyer=user).latest("pk").pk,
        "trader": other.pk,
        "dispute": Dispute.objects.latest("pk").pk,
        "ticket": Ticket.objects.latest("pk").pk,
        "webhook": Webhook.objects.latest("pk").pk,
    }
    found = {}
    for address in QUERIES:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address.format(**ids)).status_code == 200, address
        found[address] = len(queries)
    return found


def test_each_page_costs_the_same_however_much_it_shows() -> None:
    make_market(payment_methods=["sepa"])
    user, other = make_trader(), make_trader()
    browser = browser_of(user)
    fill(user, other, 1)
    assert costs(browser, user, other) == QUERIES
    for number in (2, 3):
        fill(user, other, number)
    assert costs(browser, user, other) == QUERIES


def test_a_stranger_finds_nothing_and_a_visitor_logs_in_first() -> None:
    make_market(payment_methods=["sepa"])
    user, other = make_trader(), make_trader()
    fill(user, other, 1)
    account = user.payment_accounts.get().account
    mine = [
        f"/receipts/{Transaction.objects.get().pk}",
        f"/disputes/{Dispute.objects.get().pk}",
        f"/support/{Ticket.objects.get().pk}",
        f"/account/webhooks/{Webhook.objects.get().pk}",
        f"/account/payment-accounts/{account}",
        f"/account/payment-accounts/{account}/delete",
        f"/notices/{Notice.objects.filter(user=user).latest('seq').pk}",
    ]
    stranger, visitor = browser_of(make_user()), Client()
    for address in mine:
        assert stranger.get(address).status_code == 404, address
        assert visitor.get(address).headers["Location"].startswith("/login?next="), address
    for address in (
        f"{mine[1]}/withdraw",
        f"{mine[2]}/close",
        f"{mine[3]}/delete",
        f"/account/api-keys/{user.api_keys.get().pk}/revoke",
        f"/account/sessions/{user.sessions.latest('pk').pk}/end",
    ):
        assert stranger.post(address).status_code == 404, address
    assert stranger.post(mine[1], {"statement": "mine"}).status_code == 404
    assert stranger.post(mine[2], {"body": "mine"}).status_code == 404
    assert stranger.post(mine[5]).status_code == 404
    assert (Dispute.objects.get().status, Ticket.objects.get().status) == ("open", "waiting_staff")
    assert (user.api_keys.filter(revoked_at=None).count(), Webhook.objects.count()) == (1, 1)
    assert Client().get(f"/traders/{other.pk}").status_code == 200
    assert Client().get(f"/traders/{make_user(role='support').pk}").status_code == 404
