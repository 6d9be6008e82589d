"""Receipts, disputes, tickets, traders, verification, payment accounts, notices and webhooks, without scripts."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from accounts.models import KycSubmission, PaymentAccount, Relation, User
from accounts.payments.sealing import details_of
from disputes.models import Dispute, DisputeFile
from disputes.services import open_dispute
from iqx.notices.catalogue import BY_CODE
from iqx.notices.dispatch import Dispatcher
from iqx.notices.links import PAGES
from iqx.notices.models import Notice, Preferences, PushSubscription, Webhook
from orders.models import Market
from support.models import Ticket
from support.services import answer_ticket
from tests.factories.accounts import code_of, make_user, with_two_factor
from tests.factories.files import upload
from tests.factories.orders import place, trade_between
from tests.factories.payments import GOOD
from tests.web.browsing import browser_of, text_of
from trades.models import Transaction

pytestmark = pytest.mark.django_db


def test_receipts_are_listed_printed_and_taken_along(market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, 100, 2, status="released")
    receipt = Transaction.objects.get()
    browser = browser_of(buyer)
    assert "Bought 100.00 USDT" in text_of(browser.get("/receipts"))
    assert "No receipts yet" in text_of(browser.get("/receipts?role=seller"))
    page = text_of(browser.get(f"/receipts/{receipt.pk}"))
    assert "Paid €200.00 Price for one USDT 2.00 EUR Your fee 0.00 USDT" in page
    assert trade.reference in page
    answer: Any = browser.get("/receipts.csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert (row["role"], row["total"], row["seller"]) == ("buyer", "200.00", seller.display_name)


def test_a_party_adds_evidence_and_withdraws_the_dispute(market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    dispute = open_dispute(trade_id=trade.pk, actor_id=buyer.pk, reason="not_released", statement="I have paid.")
    page, browser = f"/disputes/{dispute.pk}", browser_of(buyer)
    assert "I have paid, and the seller does not release" in text_of(browser.get("/disputes"))
    empty = browser.post(page, {"statement": " "})
    assert (empty.status_code, "Write something" in text_of(empty)) == (400, True)
    bad = browser.post(page, {"statement": "Look", "attachments": upload(b"MZ", "virus.exe")})
    assert 'id="id_attachments-errors"' in bad.content.decode()
    assert not DisputeFile.objects.exists()
    sent = browser.post(page, {"statement": "Look", "attachments": [upload(), upload(name="two.png")]})
    assert sent.headers["Location"] == page
    assert DisputeFile.objects.count() == 2
    shown = browser_of(seller).get(page)
    assert "The other side wrote" in text_of(shown)
    assert "Withdraw the dispute" not in text_of(shown)
    assert browser.post(f"{page}/withdraw").headers["Location"] == page
    assert Dispute.objects.get().status == "withdrawn"
    assert "Add what proves your side" not in text_of(browser.get(page))


def test_a_ticket_from_its_question_to_its_rating(market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    browser = browser_of(buyer)
    assert trade.reference in text_of(browser.get("/support/new"))
    foreign = browser.post("/support/new", {"category": "trade", "subject": "?", "body": "?", "trade": str(buyer.pk)})
    assert (foreign.status_code, Ticket.objects.count()) == (422, 0)
    asked = {"category": "trade", "subject": "How long?", "body": "It takes long.", "trade": str(trade.pk)}
    page = browser.post("/support/new", asked | {"attachments": upload()}).headers["Location"]
    ticket = Ticket.objects.get()
    assert (ticket.trade_id, ticket.messages.get().files.count()) == (trade.pk, 1)
    answer_ticket(ticket_id=ticket.pk, actor=make_user(role="support"), body="An hour.")
    assert "Staff · " in text_of(browser.get(page))
    browser.post(page, {"body": "Thank you."})
    assert browser.post(f"{page}/rate", {"rating": "5"}).status_code == 302  # not closed yet: told as a toast
    browser.post(f"{page}/close")
    browser.post(f"{page}/rate", {"rating": "5", "comment": "Kind."})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.rating, ticket.messages.count()) == ("closed", 5, 3)
    assert "Write on" not in text_of(browser.get(page))


def test_a_traders_page_shows_offers_and_keeps_him_in_mind_or_away(market: Market, seller: User, buyer: User) -> None:
    place(seller, "sell", 2, 10)
    page, browser = f"/traders/{seller.pk}", browser_of(buyer)
    assert "Buy USDT-EUR" in text_of(browser.get(page))
    assert "Log in" in text_of(Client().get(page))
    browser.post(f"{page}/favourite")
    assert seller.display_name in text_of(browser.get("/people"))
    browser.post(f"{page}/block")
    assert "Unblock" in text_of(browser.get(page))
    assert Relation.objects.get().kind == "block"
    assert browser.post(f"{page}/unblock", {"back": "people"}).headers["Location"] == "/people"
    assert not Relation.objects.exists()


def test_documents_are_sent_in_once_and_a_refusal_says_why() -> None:
    user = make_user()
    browser = browser_of(user)
    given = {"document_type": "passport", "country": "FR", "legal_name": "Ann Example", "document_number": "X1"}
    assert browser.post("/account/verification", given).status_code == 422  # without a picture
    assert browser.post("/account/verification", given | {"front": upload(b"no picture")}).status_code == 422
    assert not KycSubmission.objects.exists()
    assert browser.post("/account/verification", given | {"front": upload()}).status_code == 302
    assert "Being looked at" in text_of(browser.get("/account/verification"))
    assert "Send your documents" not in text_of(browser.get("/account/verification"))
    KycSubmission.objects.update(
        status="rejected", reason="The edges are cut off.", due_at=None, decided_at=user.created_at,
        reviewed_by=make_user(role="support"),
    )  # fmt: skip
    User.objects.update(kyc_status="rejected")
    page = text_of(browser.get("/account/verification"))
    assert "The edges are cut off." in page
    assert "Send your documents" in page


def test_a_payment_account_has_its_methods_fields_and_takes_the_second_factor() -> None:
    user = make_user()
    secret = with_two_factor(user)
    browser = browser_of(user)
    page = "/account/payment-accounts/new/sepa"
    details = {f"details.{name}": value for name, value in GOOD["sepa"].items()}
    bad = browser.post(page, details | {"details.iban": "DE00", "otp": code_of(secret)})
    assert 'id="id_details.iban-errors"' in bad.content.decode()
    assert browser.post(page, details | {"otp": "000000"}).status_code == 401
    assert not PaymentAccount.objects.exists()
    assert browser.post(page, details | {"label": "usual", "otp": code_of(secret)}).status_code == 302
    account = PaymentAccount.objects.get()
    assert details_of(account) == GOOD["sepa"]
    assert GOOD["sepa"]["iban"] in text_of(browser.get("/account/payment-accounts"))
    change = f"/account/payment-accounts/{account.account}"
    assert GOOD["sepa"]["iban"] in browser.get(change).content.decode()
    later = code_of(secret, steps_ago=-1)
    assert browser.post(f"{change}/delete", {"otp": later}).headers["Location"] == "/account/payment-accounts"
    assert not PaymentAccount.objects.filter(valid_until=None).exists()


def test_notices_are_counted_opened_and_tuned(market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    Dispatcher().round()
    browser = browser_of(seller)
    assert "unread" in browser.get("/account").content.decode()
    notice = Notice.objects.get(user=seller, kind="trade_paid")
    assert browser.get(f"/notices/{notice.pk}").headers["Location"] == f"/trades/{trade.pk}"
    notice.refresh_from_db()
    assert notice.read_at is not None
    french = browser.get("/account", headers={"accept-language": "fr"}).content.decode()
    assert 'aria-label="Avis, ' in french
    browser.post("/notices/read")
    assert "unread" not in browser.get("/notices/bell").content.decode()

    wish = {"language": "fr", "time_zone": "Europe/Paris", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert browser.post("/account/notices", wish | {"time_zone": "Mars"}).status_code == 400
    assert browser.post("/account/notices", wish | {"quiet_until": ""}).status_code == 422
    assert not Preferences.objects.exists()
    assert browser.post("/account/notices", wish | {"on": ["trade_paid:in_app"]}).status_code == 302
    mine = Preferences.objects.get()
    assert (mine.language, mine.time_zone, str(mine.quiet_from)) == ("fr", "Europe/Paris", "22:00:00")
    assert mine.choices["trade_paid"] == {"in_app": True, "email": False}
    assert "email" not in mine.choices.get("withdrawal_requested", {})  # can't be switched off
    assert "checked disabled" in browser.get("/account/notices").content.decode()


def test_what_a_notice_is_about_has_a_page() -> None:
    assert {kind.about[0] for kind in BY_CODE.values() if kind.about} <= PAGES.keys()


def test_a_browser_that_was_permitted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browser_of(make_user())
    address = {"endpoint": "http://127.0.0.1/push", "p256dh": "x", "auth": "y"}
    assert browser.post("/account/notices/devices", address).status_code == 400  # no address of a push service
    assert browser.get("/account/notices/devices").status_code == 405
    assert not PushSubscription.objects.exists()


def test_a_webhook_is_made_paused_and_deleted() -> None:
    browser = browser_of(make_user())
    refused = browser.post("/account/webhooks", {"url": "http://127.0.0.1/"})
    assert 'id="id_url-errors"' in refused.content.decode()
    assert not Webhook.objects.exists()
    made = browser.post("/account/webhooks", {"url": "https://hooks.example/iqx", "events": ["trade_paid"]})
    assert "whsec_" in text_of(made)
    hook = Webhook.objects.get()
    page = f"/account/webhooks/{hook.pk}"
    assert "whsec_" not in browser.get(page).content.decode()
    browser.post(f"{page}/pause")
    assert Webhook.objects.get().status == "paused"
    assert browser.post(f"{page}/destroy").status_code == 404
    assert browser.post(f"{page}/delete").headers["Location"] == "/account/webhooks"
    assert not Webhook.objects.exists()


def test_help_tells_the_figures_that_are_in_force(market: Market, settings: Any) -> None:
    Market.objects.update(taker_fee="0.0025")
    settings.WITHDRAWAL_FEE = "3.5"
    page = text_of(Client().get("/help/fees"))
    assert "USDT-EUR 0% 0.25%" in page
    assert "Each costs 3.50 USDT" in page
    for name in ("", "/escrow", "/scams"):
        assert Client().get(f"/help{name}").status_code == 200
