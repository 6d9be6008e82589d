"""Somebody who has done everything once, whom he did it with, and where it is to be seen."""

from typing import Final

from accounts.models import Passkey, User
from accounts.services import create_api_key
from accounts.trust.services import relate
from disputes.models import Dispute
from disputes.services import add_statement, open_dispute
from iqx.core import files
from iqx.notices.dispatch import Dispatcher
from iqx.notices.models import Webhook
from iqx.notices.webhooks import create_webhook
from support.models import Ticket
from support.services import open_ticket, reply
from tests.factories.accounts import make_user, with_two_factor
from tests.factories.files import upload
from tests.factories.orders import SYMBOL, make_market, make_trader, place, trade_between
from tests.factories.payments import add_account
from tests.factories.wallets import withdraw
from trades.feedback import give_feedback
from trades.models import Trade, Transaction
from wallets.services import add_address

ROLES: Final = ("buyer", "seller", "guarded")


def make_cast() -> dict[str, User]:
    """On an open market: a buyer, a seller, and somebody with a second factor, who have done nothing yet."""
    make_market(payment_methods=["sepa"])
    cast = {role: make_trader() for role in ROLES}
    add_account(cast["seller"], "sepa")
    with_two_factor(cast["guarded"])
    Passkey.objects.create(user=cast["guarded"], name="phone", credential_id=b"phone", public_key=b"")
    return cast


def fill(buyer: User, seller: User, number: int = 1) -> None:
    """One more of everything that pages list."""
    trade = trade_between(seller, buyer, 10, status="released")
    give_feedback(trade_id=trade.pk, actor_id=buyer.pk, rating=5, comment="Quick.")
    disputed = trade_between(buyer, seller, 10, status="paid")
    dispute = open_dispute(trade_id=disputed.pk, actor_id=buyer.pk, reason="payment_not_received", statement="Nothing.")
    add_statement(dispute_id=dispute.pk, actor_id=seller.pk, statement="Here.", received=[files.receive(upload())])
    for status in ("awaiting_payment", "paid"):
        trade_between(seller, buyer, 10, status=status)
    ticket = open_ticket(user=buyer, subject="Why?", category="other", body="Why?", received=[files.receive(upload())])
    reply(ticket_id=ticket.pk, user=buyer, body="Hello?")
    place(seller, "sell", 2, 10, private=True)
    place(seller, "sell", 2 + number, 10, payment_methods=["sepa"])
    place(buyer, "buy", "0.5", 10, payment_methods=["sepa"])
    withdraw(buyer, 1)
    add_address(user=buyer, name="phone", address=f"0x{number:040x}")
    add_account(buyer, iban="DE89370400440532013000")
    create_api_key(user_id=buyer.pk, name="bot", scopes=["read"])
    create_webhook(user=buyer, url=f"https://hooks.example/{number}")
    relate(owner_id=buyer.pk, other_id=make_user().pk, kind="favourite")  # type: ignore[arg-type]
    Dispatcher().round()


def places_of(cast: dict[str, User]) -> dict[str, object]:
    """What the names in the addresses of `tests.web.pages` stand for."""
    buyer, seller = cast["buyer"], cast["seller"]
    bought = Trade.objects.filter(buyer=buyer)
    return {
        "market": SYMBOL,
        "offer": seller.orders.filter(status="open").latest("pk").pk,
        "own": buyer.orders.filter(status="open").latest("pk").pk,
        "link": seller.orders.filter(status="open", link__isnull=False).latest("pk").link,
        "new": bought.filter(status="awaiting_payment").latest("pk").pk,
        "trade": bought.filter(status="paid").latest("pk").pk,
        "done": bought.filter(status="released").latest("pk").pk,
        "disputed": Trade.objects.filter(seller=buyer, status="disputed").latest("pk").pk,
        "receipt": Transaction.objects.filter(buyer=buyer).latest("pk").pk,
        "seller": seller.pk,
        "dispute": Dispute.objects.latest("pk").pk,
        "ticket": Ticket.objects.latest("pk").pk,
        "account": buyer.payment_accounts.order_by("-pk")[0].account,
        "passkey": cast["guarded"].passkeys.get().pk,
        "webhook": Webhook.objects.latest("pk").pk,
    }
