"""Each button does what it says, through the use case that the API calls; who may not press it changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Flag, KycStatus, KycSubmission, Session, User
from accounts.models import Role as Roles
from disputes.models import Dispute, DisputeEntry, Ruling
from iqx.core import clock
from iqx.core.models import AuditRecord
from iqx.desk.announcements import current
from orders.models import Market, Reference
from support.models import Ticket
from tests.desk.conftest import act, pages_of
from tests.factories.accounts import log_in
from tests.factories.orders import fresh
from tests.factories.wallets import balance_of
from trades.models import Trade
from wallets.audit import audit
from wallets.models import Deposit, Withdrawal

pytestmark = pytest.mark.django_db


def page(name: str, *arguments: object) -> str:
    return reverse(f"desk:{name}", args=arguments)


def why(action: str) -> str:
    """What the audit trail gives as the reason of the one act of this kind."""
    return AuditRecord.objects.get(action=action).reason


def test_a_dispute_is_taken_asked_about_and_settled(dispute: Dispute, support: User, chief: User) -> None:
    address = page("dispute", dispute.pk)
    assert "It is yours" in act(support, address, "assign")
    act(support, address, "comment", reason="Please send a statement.", asks=["buyer"])
    act(support, address, "note", reason="Looks like the seller is right.")
    entries = DisputeEntry.objects.filter(dispute=dispute)
    assert entries.filter(action="comment", note="Please send a statement.", internal=False).exists()
    assert entries.filter(action="note", internal=True).exists()
    act(support, address, "give", to=str(chief.pk))
    assert Dispute.objects.get().assignee == chief

    before = balance_of(dispute.trade.buyer)
    shown = pages_of(chief).get(address, {"split": "40"}).context
    assert [outcome["code"] for outcome in shown["outcomes"]] == ["release", "refund", "split"]
    moved = {row[0]: row[1] for row in shown["outcomes"][2]["rows"]}[dispute.trade.buyer.display_name]
    assert "You may not do this" in act(support, address, "resolve", resolution="release", reason="x")
    assert "Say why" in act(chief, address, "resolve", resolution="release", reason=" ")
    assert "a split gives" in act(chief, address, "resolve", resolution="split", buyer_amount="9e9", reason="x").lower()
    assert fresh(dispute.trade).status == Trade.Status.DISPUTED

    told = act(chief, address, "resolve", resolution="split", buyer_amount="40", reason="Half of it was paid.")
    assert "carried out" in told
    assert fresh(dispute.trade).status == Trade.Status.SPLIT
    assert balance_of(dispute.trade.buyer)[0] - before[0] == Decimal(moved)  # as it was shown
    assert audit() == []


def test_a_large_ruling_is_confirmed_by_another(
    dispute: Dispute, chief: User, support: User, settings: Settings
) -> None:
    settings.DISPUTE_SECOND_PERSON_ABOVE = Decimal(10)
    address = page("dispute", dispute.pk)
    assert "Proposed" in act(chief, address, "resolve", resolution="refund", reason="Never paid.")
    ruling = Ruling.objects.get()
    assert fresh(dispute.trade).status == Trade.Status.DISPUTED
    assert "Confirm: refund" not in pages_of(chief).get(address).content.decode()
    act(chief, address, "confirm", ruling=str(ruling.pk), reason="I read it.")
    assert fresh(dispute.trade).status == Trade.Status.DISPUTED
    User.objects.filter(pk=support.pk).update(role=Roles.ADMIN)
    support.refresh_from_db()
    assert "Confirm: refund" in pages_of(support).get(address).content.decode()
    assert "Say why" in act(support, address, "confirm", ruling=str(ruling.pk))
    act(support, address, "confirm", ruling=str(ruling.pk), reason="I read it, too.")
    assert fresh(dispute.trade).status == Trade.Status.REFUNDED


def test_a_withdrawal_shows_its_risks_and_is_decided_by_an_admin(
    withdrawal: Withdrawal, support: User, auditor: User, chief: User, flag: Flag
) -> None:
    address = page("withdrawal", withdrawal.pk)
    moods = {signal.text: signal.mood for signal in pages_of(chief).get(address).context["signals"]}
    assert moods["The account is 0 days old."] == "bad"
    assert any("not in the address book" in text for text in moods)
    for nobody in (support, auditor):
        assert "Approve and send" not in pages_of(nobody).get(address).content.decode()
        for action in ("approve", "reject"):
            act(nobody, address, action, reason="x")
    assert Withdrawal.objects.get().status == "pending"
    locked = balance_of(withdrawal.user)[1]
    assert "Say why" in act(chief, address, "approve")
    assert Withdrawal.objects.get().status == "pending"
    assert "Approved, and sent" in act(chief, address, "approve", reason="He told us of it.")
    assert Withdrawal.objects.get().status == "confirmed"
    assert balance_of(withdrawal.user)[1] == locked - withdrawal.amount - withdrawal.fee


def test_a_withdrawal_is_rejected_for_a_reason(withdrawal: Withdrawal, chief: User) -> None:
    address = page("withdrawal", withdrawal.pk)
    act(chief, address, "reject", reason="")
    assert Withdrawal.objects.get().status == "pending"
    act(chief, address, "reject", reason="Not your address.")
    assert (Withdrawal.objects.get().status, Withdrawal.objects.get().reason) == ("rejected", "Not your address.")


def test_a_deposit_is_confirmed(buyer: User, chief: User) -> None:
    now = clock.now()
    deposit = Deposit.objects.create(
        user=buyer, amount=Decimal(70), network="manual", status="pending", created_at=now, updated_at=now, due_at=now
    )
    had = balance_of(buyer)[0]
    assert "Say why" in act(chief, page("deposit", deposit.pk), "confirm")
    assert balance_of(buyer)[0] == had
    assert "are credited" in act(chief, page("deposit", deposit.pk), "confirm", reason="Seen on the network.")
    assert balance_of(buyer)[0] == had + 70
    assert (why("deposit_confirmed"), Deposit.objects.get(pk=deposit.pk).reason) == ("Seen on the network.", "")


def test_documents_are_shown_beside_the_data_and_decided(submission: KycSubmission, support: User) -> None:
    address = page("kyc", submission.pk)
    shown = pages_of(support).get(address).content.decode()
    for told in ("Ann Example", "C01X00T47", "/api/v1/files/"):
        assert told in shown
    act(support, address, "approve", level="7", reason="It fits.")
    act(support, address, "approve", level="2", reason=" ")
    assert KycSubmission.objects.get().status == "pending"
    act(support, address, "approve", level="2", reason="It fits.")
    submission.user.refresh_from_db()
    assert (submission.user.kyc_status, submission.user.kyc_level) == (KycStatus.VERIFIED, 2)
    assert why("kyc_approved") == "It fits."


def test_a_person_is_suspended_logged_out_and_reinstated(buyer: User, support: User, auditor: User) -> None:
    address = page("person", buyer.pk)
    log_in(buyer)
    act(auditor, address, "suspend", reason="x")
    act(support, address, "suspend", reason="")
    buyer.refresh_from_db()
    assert buyer.is_active
    assert "1 sessions ended" in act(support, address, "log_out", reason="Asked for by phone.")
    assert not Session.objects.filter(user=buyer, ended_at=None).exists()
    act(support, address, "suspend", reason="A mule.")
    assert User.objects.filter(pk=buyer.pk, is_active=False).exists()
    act(support, address, "reinstate", reason="It was a mistake.")
    buyer.refresh_from_db()
    assert buyer.is_active


def test_support_makes_nobody_staff(buyer: User, support: User, chief: User) -> None:
    address = page("person", buyer.pk)
    act(support, address, "change_role", role="admin", reason="x")
    act(chief, address, "change_role", role="emperor", reason="x")
    buyer.refresh_from_db()
    assert buyer.role == Roles.USER
    act(support, page("person", chief.pk), "suspend", reason="x")
    chief.refresh_from_db()
    assert chief.is_active


def test_a_ticket_is_answered_and_closed(ticket: Ticket, support: User, auditor: User) -> None:
    address = page("ticket", ticket.pk)
    act(auditor, address, "answer", body="No.")
    act(support, address, "answer", body=" ")
    assert ticket.messages.count() == 1
    act(support, address, "answer", body="It is there now.")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == (Ticket.Status.WAITING_USER, support)
    act(support, address, "answer", body="Goodbye.", then="close")
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.CLOSED


def test_a_flag_is_decided_with_a_note(flag: Flag, support: User) -> None:
    act(support, page("flag", flag.pk), "confirm", reason="Same phone as another one.")
    flag.refresh_from_db()
    assert (flag.status, flag.note) == (Flag.Status.CONFIRMED, "Same phone as another one.")


def test_a_market_is_changed_after_a_look_at_what_changes(market: Market, chief: User, support: User) -> None:
    address = page("market", market.pk)
    client = pages_of(chief)
    rules = {
        name: field.initial if (field.initial is not None) else getattr(market, name)
        for name, field in client.get(address).context["form"].fields.items()
    } | {"payment_methods": market.payment_methods, "action": "change"}
    assert "More than five per cent" in client.post(address, rules | {"taker_fee": "0.3"}).content.decode()
    looked = client.post(address, rules | {"taker_fee": "0.002"})
    assert looked.context["differences"] == [("Taker fee", "0", "0.002")]
    assert Market.objects.get(pk=market.pk).taker_fee == market.taker_fee
    confirmed = rules | {"taker_fee": "0.002", "confirmed": "yes", "reason": "To cover costs."}
    pages_of(support).post(address, confirmed)
    assert Market.objects.get(pk=market.pk).taker_fee == market.taker_fee
    client.post(address, confirmed)
    assert Market.objects.get(pk=market.pk).taker_fee == Decimal("0.002")
    history = client.get(address).content.decode()
    assert "To cover costs." in history
    assert chief.email in history


def test_a_market_is_paused_by_an_admin(market: Market, chief: User, support: User) -> None:
    address = page("market", market.pk)
    act(support, address, "pause", reason="x")
    assert Market.objects.get(pk=market.pk).status == Market.Status.TRADING
    act(chief, address, "pause", reason="Prices are off.")
    assert Market.objects.get(pk=market.pk).status == Market.Status.HALTED
    act(chief, address, "resume", reason="They are back.")
    assert Market.objects.get(pk=market.pk).status == Market.Status.TRADING


def test_a_reference_price_is_set_by_an_admin(market: Market, chief: User, support: User) -> None:
    address = page("market", market.pk)
    act(support, address, "set_reference", price="0.91", hours="6", reason="The feed is away.")
    act(chief, address, "set_reference", price="-1", hours="6")
    assert not Reference.objects.exists()
    assert "follow it" in act(chief, address, "set_reference", price="0.91", hours="6", reason="The feed is away.")
    assert (Reference.objects.get().price, why("reference_set")) == (Decimal("0.91"), "The feed is away.")


def test_an_announcement_is_told_until_it_is_ended(support: User, auditor: User, buyer: User) -> None:
    address = page("announcements")
    said = {"text": "Maintenance at noon.", "severity": "warning", "lasts": "6"}
    act(auditor, address, "announce", **said)
    assert not current().exists()
    act(support, address, "announce", **said)
    (told,) = pages_of(buyer).get("/api/v1/announcements").json()
    assert (told["text"], told["severity"]) == ("Maintenance at noon.", "warning")
    act(support, address, "announce", **said, starts_at=(clock.now() + timedelta(hours=1)).isoformat()[:16])
    assert len(pages_of(buyer).get("/api/v1/announcements").json()) == 1
    act(support, address, "end", announcement=told["id"])
    assert pages_of(buyer).get("/api/v1/announcements").json() == []
