"""Each scam that a rule looks for is flagged, with the reason; what ordinary people do is not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Flag, Rule, User
from accounts.services import change_payment_account
from accounts.trust.flags import QUIET_AFTER_DECISION, clear_flag
from accounts.trust.rules import (
    CONTACTS_IN_CHAT,
    FRESH_SELLER,
    NAME_MISMATCH,
    RAPID_IN_OUT,
    RECEIPT_REUSE,
    RULES,
    Spec,
)
from iqx.core import clock, files
from iqx.core.events import events_since, user_stream
from iqx.notices.dispatch import Dispatcher
from iqx.notices.models import Notice
from tests.core.files.conftest import folder
from tests.factories.accounts import make_user
from tests.factories.files import encoded, receipt, upload
from tests.factories.orders import MovedClock, bring_to, make_trader, place, trade_between
from tests.factories.payments import GOOD, NAME, add_account
from tests.factories.wallets import fund, withdraw
from trades.chat import write_message
from trades.models import RollUp, Trade
from trades.scams import _CONTACTS, flag_scams
from wallets.services import cancel_withdrawal

__all__ = ["folder"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_numbers(db: None, folder: Path) -> None:
    """Rules that few trades reach; each test's own facts reach one of them."""
    tune(RAPID_IN_OUT, minutes=30, percent=90, least="500")
    tune(FRESH_SELLER, days=7, least="3000")
    tune(CONTACTS_IN_CHAT, trades=2)


def tune(rule: Spec, *, enabled: bool = True, **parameters: Any) -> None:
    Rule.objects.update_or_create(code=rule.code, defaults={"enabled": enabled, "parameters": parameters})


def found() -> list[tuple[str, str, Any, User]]:
    """The flags that a round raises."""
    flag_scams()
    flags = Flag.objects.select_related("user").order_by("id")
    return [(flag.code, flag.subject_kind, flag.subject_id, flag.user) for flag in flags]


def old(user: User) -> User:
    """Somebody who has been here for long."""
    user.created_at = clock.now() - timedelta(days=400)
    user.save(update_fields=["created_at"])
    return user


def by_sepa(seller: User, buyer: User) -> Trade:
    place(seller, "sell", 1, 100, payment_methods=["sepa"])
    (trade,) = place(buyer, "buy", 1, 100, payment_methods=["sepa"])[1]
    return trade


def say(user: User, trade: Trade, body: str, picture: bytes | None = None) -> None:
    attachment = files.receive(upload(picture)) if picture else None
    write_message(trade_id=trade.id, actor_id=user.id, body=body, attachment=attachment)


# In and out at once


def test_what_was_bought_and_withdrawn_at_once_is_flagged(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    trade_between(seller, buyer, 600, status="released")
    moved_clock.pass_by(29 * 60)
    withdrawal = withdraw(buyer, 580)
    assert found() == [(RAPID_IN_OUT.code, "withdrawal", withdrawal.id, buyer)]
    flag = Flag.objects.get()
    assert flag.because == (
        "Flagged, because 581.000000 USDT were withdrawn within 30 minutes of 600.000000 USDT coming in."
    )
    assert (flag.severity, flag.status, flag.created_at) == ("medium", "open", moved_clock.time)
    assert flag.due_at == moved_clock.time + timedelta(hours=72)


def test_it_is_flagged_in_parts_too(buyer: User) -> None:
    fund(buyer, 1000)
    parts = [withdraw(buyer, 300) for _ in range(3)]
    assert found() == [(RAPID_IN_OUT.code, "withdrawal", parts[-1].id, buyer)]


def test_who_withdraws_later_or_a_part_or_a_little_or_not_at_all_is_not_flagged(
    seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    patient, partly, small, undecided = (make_trader(0) for _ in range(4))
    for user, amount in ((patient, 600), (partly, 600), (small, 400), (undecided, 600)):
        fund(user, amount)
    withdraw(partly, 300)
    withdraw(small, 390)
    cancel_withdrawal(withdrawal_id=withdraw(undecided, 590).id, user=undecided)
    moved_clock.pass_by(31 * 60)
    withdraw(patient, 590)
    assert found() == []


# A fresh account sells much


def test_a_fresh_account_that_sells_much_is_flagged(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    trade_between(seller, buyer, 2000, status="released")
    assert found() == []
    moved_clock.pass_by(5 * 3600)
    RollUp.objects.filter(pk="flags").update(until=clock.now() - timedelta(minutes=1))
    trade_between(seller, buyer, 1000)
    assert found() == [(FRESH_SELLER.code, "user", seller.id, seller)]
    assert Flag.objects.get().because.endswith("sold 3000.000000 USDT within 24 hours.")


def test_an_old_account_a_buyer_and_a_sale_called_off_are_not_flagged(seller: User, buyer: User) -> None:
    trade_between(old(seller), buyer, 4000)
    trade_between(make_trader(), buyer, 4000, status="cancelled")
    trade_between(make_trader(), buyer, 2900)
    assert found() == []


# Payments to another name


def test_an_account_in_another_name_is_flagged_when_it_is_shown(seller: User, buyer: User) -> None:
    User.objects.filter(pk=seller.pk).update(verified_name="Tom Cruise-Control")
    account = add_account(seller)
    assert found() == []
    trades = [by_sepa(seller, buyer), by_sepa(seller, buyer)]
    assert found() == [(NAME_MISMATCH.code, "payment_account", account.pk, seller)]
    because = Flag.objects.get().because
    assert any(trade.reference in because for trade in trades)
    assert NAME not in because
    assert Flag.objects.get().severity == "high"


def test_ones_own_name_and_a_name_that_nobody_verified_are_not_flagged(seller: User, buyer: User) -> None:
    User.objects.filter(pk=seller.pk).update(verified_name=NAME.upper())
    unverified, other = make_trader(), make_trader()
    User.objects.filter(pk=other.pk).update(verified_name="Tom Cruise-Control")
    for trader in (seller, unverified):
        add_account(trader)
        by_sepa(trader, buyer)
    add_account(other, "revolut")  # which no buyer was shown
    by_sepa(other, buyer)
    assert found() == []


def test_an_edit_after_a_decision_is_looked_at_anew(seller: User, buyer: User) -> None:
    User.objects.filter(pk=seller.pk).update(verified_name="Tom Cruise-Control")
    account = add_account(seller)
    by_sepa(seller, buyer)
    found()
    clear_flag(flag_id=Flag.objects.get().id, actor=make_user(role="admin"), note="His company.")
    details = {**GOOD["sepa"], "holder": "Somebody Else"}
    change_payment_account(user_id=seller.pk, account_id=account.account, details=details)
    by_sepa(seller, buyer)
    assert len(found()) == 2


# One receipt for several trades


def test_a_receipt_that_serves_for_two_trades_is_flagged(seller: User, buyer: User) -> None:
    first, second = trade_between(seller, make_trader(0)), trade_between(seller, buyer)
    say(first.buyer, first, "Paid", encoded(receipt(size=2)))
    say(buyer, second, "Paid", encoded(receipt(size=2)))
    assert found() == [(RECEIPT_REUSE.code, "trade", second.id, buyer)]
    assert first.reference in Flag.objects.get().because


def test_receipts_of_ones_own_are_not_flagged(seller: User, buyer: User) -> None:
    for trade, picture in (
        (trade_between(seller, buyer), receipt(size=2)),
        (trade_between(seller, buyer), receipt("70.00 EUR", "0B52D7AA", size=2)),
    ):
        say(buyer, trade, "Paid", encoded(picture))
        say(buyer, trade, "Again, in case it did not arrive", encoded(picture))
    assert found() == []


# Leading people elsewhere


def test_who_leads_several_people_elsewhere_is_flagged(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    one, two = trade_between(seller, buyer), trade_between(seller, make_trader(0))
    say(seller, one, "Support is at https://iqx-help.example.com")
    moved_clock.pass_by(3600)
    assert found() == []
    say(seller, two, "Write to me on Telegram: @cheap_usdt")
    RollUp.objects.filter(pk="flags").update(until=clock.now() - timedelta(minutes=1))
    assert found() == [(CONTACTS_IN_CHAT.code, "user", seller.id, seller)]
    assert "2 trades" in Flag.objects.get().because


def test_one_slip_and_plain_talk_are_not_flagged(seller: User, buyer: User) -> None:
    one, two = trade_between(seller, buyer), trade_between(seller, buyer)
    say(buyer, one, "My address for the invoice is ann@mail.example")
    say(buyer, one, "That was ann@mail.example")
    say(buyer, two, f"Paid, reference {two.reference}")
    say(seller, two, "IBAN DE89 3704 0044 0532 0130 00, as shown")
    assert found() == []


# Rounds


def raise_one_of_each(count: int) -> None:
    """`count` findings of each rule, by people who have nothing else to do with each other."""
    for number in range(count):
        seller, buyer, mule = make_trader(), make_trader(0), make_trader(0)
        User.objects.filter(pk=seller.pk).update(verified_name="Tom Cruise-Control")
        add_account(seller)
        by_sepa(seller, buyer)
        fund(mule, 600)
        withdraw(mule, 590)
        one, two = (trade_between(seller, buyer, 2000) for _ in range(2))
        picture = encoded(receipt(f"{number}.00 EUR", f"0B52D7A{number}", size=2))
        for trade in (one, two):
            say(seller, trade, "Write to me on Telegram: @cheap_usdt")
            say(buyer, trade, "Paid", picture)


def statements_of_a_round() -> int:
    with CaptureQueriesContext(connection) as queries:
        flag_scams()
    return len(queries)


def test_a_round_takes_the_same_number_of_statements_for_any_number_of_findings(market: Any) -> None:
    raise_one_of_each(1)
    few = statements_of_a_round()
    assert {flag.code for flag in Flag.objects.all()} == {code for code, rule in RULES.items() if rule.severity}
    raise_one_of_each(3)
    assert statements_of_a_round() == few
    assert Flag.objects.count() >= 4 * 5  # control: there was more to find
    assert few <= 14


def test_a_rule_that_is_off_or_has_no_numbers_finds_nothing(seller: User, buyer: User) -> None:
    raise_one_of_each(1)
    for rule in (RECEIPT_REUSE, NAME_MISMATCH):
        tune(rule, enabled=False)
    tune(RAPID_IN_OUT, minutes=0)
    tune(FRESH_SELLER, days=0)
    tune(CONTACTS_IN_CHAT, trades=0)
    assert found() == []


def test_what_is_flagged_or_was_decided_on_lately_is_not_flagged_again(buyer: User, moved_clock: MovedClock) -> None:
    fund(buyer, 600)
    withdraw(buyer, 590)
    assert len(found()) == len(found()) == 1
    clear_flag(flag_id=Flag.objects.get().id, actor=make_user(role="support"))
    assert len(found()) == 1
    moved_clock.pass_by(QUIET_AFTER_DECISION.total_seconds())
    RollUp.objects.filter(pk="flags").update(until=clock.now() - QUIET_AFTER_DECISION)
    assert len(found()) == 2  # control: the same facts are still found


def test_after_an_outage_the_rounds_catch_up(buyer: User, moved_clock: MovedClock) -> None:
    assert found() == []
    fund(buyer, 600)
    withdraw(buyer, 590)
    moved_clock.pass_by(5 * 3600)
    assert len(found()) == 1
    for _ in range(4):
        flag_scams()
    assert RollUp.objects.get(pk="flags").until == moved_clock.time


def test_a_trade_that_ended_shows_no_account_any_more(seller: User, buyer: User) -> None:
    User.objects.filter(pk=seller.pk).update(verified_name="Tom Cruise-Control")
    add_account(seller)
    bring_to(by_sepa(seller, buyer), "cancelled")
    assert found() == []


def test_flagged_messages_are_found_by_their_index(buyer: User) -> None:
    """There is one message with a link among thousands; the round reads no others."""
    span: Any = {"since": clock.now(), "until": clock.now(), "day": timedelta(hours=24), "trades": 3}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {_CONTACTS}", span)
        assert "trades_flagged_messages" in str(cursor.fetchall())


def test_staff_are_called_to_what_is_new_and_read_the_gravest(seller: User, buyer: User) -> None:
    support, admin = make_user(role="support"), make_user(role="admin")
    fund(buyer, 600)
    withdraw(buyer, 590)
    User.objects.filter(pk=seller.pk).update(verified_name="Tom Cruise-Control")
    add_account(seller)
    by_sepa(seller, buyer)
    assert len(found()) == len(found()) == 2
    for person in (support, admin):
        (event,) = events_since(user_stream(person.pk), 0, 10)
        assert (event.type, event.data["reason"], event.data["count"]) == ("staff_called", "flagged", 2)
        assert "not in the verified name" in event.data["because"]
    Dispatcher().round()
    assert set(Notice.objects.filter(user__in=[support, admin]).values_list("kind", flat=True)) == {"staff_flagged"}
    assert not Notice.objects.filter(user__in=[buyer, seller], kind="staff_flagged").exists()
