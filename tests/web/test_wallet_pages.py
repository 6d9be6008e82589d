"""The wallet's pages, as a browser without scripts uses them."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from tests.factories.accounts import code_of, make_user, with_two_factor
from tests.factories.wallets import ADDRESS, balance_of, fund, withdraw
from tests.web.browsing import browser_of, hidden_inputs, text_of
from wallets.models import Deposit, Withdrawal, WithdrawalAddress
from wallets.views import withdrawals

pytestmark = pytest.mark.django_db

OTHER = "0x" + "b2" * 20


@pytest.fixture
def user() -> User:
    user = make_user()
    fund(user, 1000)
    return user


@pytest.fixture
def browser(user: User) -> Client:
    return browser_of(user)


def look(browser: Client, amount: str = "120.5", address: str = ADDRESS, **more: str) -> Any:
    return browser.post("/wallet/withdraw", {"do": "look", "amount": amount, "address": address, **more})


def test_a_deposit_that_is_sent_twice_comes_in_once(browser: Client, user: User) -> None:
    form = browser.get("/wallet/deposit")
    sent = {"amount": "50.25", "once": hidden_inputs(form, 'name="once"')["once"][0]}
    for _ in range(2):
        assert browser.post("/wallet/deposit", sent).headers["Location"] == "/wallet"
    assert balance_of(user) == (Decimal("1050.25"), 0)
    assert Deposit.objects.filter(user=user).count() == 2
    refused = browser.post("/wallet/deposit", sent | {"amount": "0.0000001"})
    assert refused.status_code == 422
    assert "more decimals than can be kept" in text_of(refused)


def test_looking_changes_nothing_and_shows_what_is_confirmed(browser: Client, user: User) -> None:
    shown = look(browser)
    assert shown.status_code == 200
    assert "Arrives 120.50 USDT Fee 1.00 USDT Taken from your wallet 121.50 USDT" in text_of(shown)
    assert f'aria-label="{ADDRESS}"' in shown.content.decode()
    assert (balance_of(user), Withdrawal.objects.count()) == ((Decimal(1000), 0), 0)

    confirmed = {name: values[0] for name, values in hidden_inputs(shown, 'name="sealed"').items()}
    tampered = confirmed | {"amount": "999", "address": OTHER, "network": "other"}  # says nothing: what was seen counts
    for _ in range(2):  # twice, as by an impatient finger
        assert browser.post("/wallet/withdraw", tampered).headers["Location"] == "/wallet"
    done = Withdrawal.objects.get()
    assert (done.amount, done.fee, done.address, done.network) == (Decimal("120.5"), Decimal(1), ADDRESS, "sandbox")
    assert balance_of(user) == (Decimal("878.5"), Decimal("121.5"))

    assert browser.post(f"/wallet/withdrawals/{done.pk}/cancel").headers["Location"] == "/wallet"
    assert balance_of(user) == (Decimal(1000), 0)


def test_what_was_looked_at_by_another_or_long_ago_or_at_another_fee_is_not_done(
    browser: Client, user: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sealed = hidden_inputs(look(browser), 'name="sealed"')["sealed"][0]
    sent = {"do": "confirm", "sealed": sealed}
    other = make_user()
    fund(other, 1000)
    forged = sent | {"sealed": sealed.replace(":", ":x", 1)}
    assert browser_of(other).post("/wallet/withdraw", sent).headers["Location"] == "/wallet/withdraw"
    assert browser.post("/wallet/withdraw", forged).headers["Location"] == "/wallet/withdraw"
    settings.WITHDRAWAL_FEE = Decimal(2)
    assert browser.post("/wallet/withdraw", sent).headers["Location"] == "/wallet/withdraw"
    settings.WITHDRAWAL_FEE = Decimal(1)
    monkeypatch.setattr(withdrawals, "_GOOD_FOR_S", -1)
    assert browser.post("/wallet/withdraw", sent).headers["Location"] == "/wallet/withdraw"
    assert not Withdrawal.objects.exists()
    assert balance_of(user) == balance_of(other) == (Decimal(1000), 0)


def test_refusals_stand_at_their_fields(browser: Client, user: User) -> None:
    too_much = look(browser, amount="5000")
    assert too_much.status_code == 422
    assert "You don't have enough: 1,000.00 USDT are available." in text_of(too_much)
    assert 'id="id_amount-errors"' in too_much.content.decode()
    no_address = look(browser, address="nowhere")
    assert 'id="id_address-errors"' in no_address.content.decode()
    assert balance_of(user) == (Decimal(1000), 0)


def test_the_second_factor_confirms_a_withdrawal(browser: Client, user: User) -> None:
    secret = with_two_factor(user)
    shown = look(browser)
    assert "Code of your second factor" in text_of(shown)
    sent = {"do": "confirm", "sealed": hidden_inputs(shown, 'name="sealed"')["sealed"][0]}
    for otp in ("", "000000"):
        refused = browser.post("/wallet/withdraw", sent | {"otp": otp})
        assert refused.status_code in {401, 422}
        assert 'id="id_otp-errors"' in refused.content.decode()
    assert not Withdrawal.objects.exists()
    assert browser.post("/wallet/withdraw", sent | {"otp": code_of(secret)}).headers["Location"] == "/wallet"
    assert Withdrawal.objects.get().user == user


def test_the_address_book(browser: Client, user: User) -> None:
    assert (
        browser.post("/wallet/addresses", {"name": "Ledger", "address": OTHER}).headers["Location"]
        == "/wallet/addresses"
    )
    kept = WithdrawalAddress.objects.get()
    again = browser.post("/wallet/addresses", {"name": "Twice", "address": OTHER})
    assert again.status_code == 409
    assert 'id="id_address-errors"' in again.content.decode()
    shown = browser.post("/wallet/withdraw", {"do": "look", "amount": "10", "kept": str(kept.pk), "address": ""})
    assert "To the address · Ledger" in text_of(shown)
    both = browser.post("/wallet/withdraw", {"do": "look", "amount": "10", "kept": str(kept.pk), "address": ADDRESS})
    assert "not both" in text_of(both)
    stranger = browser_of(make_user())
    assert stranger.post(f"/wallet/addresses/{kept.pk}/delete").status_code == 404
    assert WithdrawalAddress.objects.count() == 1
    assert browser.post(f"/wallet/addresses/{kept.pk}/delete").headers["Location"] == "/wallet/addresses"
    assert not WithdrawalAddress.objects.exists()


def test_the_statement_on_the_page_and_as_a_file(browser: Client, user: User) -> None:
    withdraw(user, 100)
    page = text_of(browser.get("/wallet/statement"))
    assert "Withdrawal: locked \u2212101.00 +101.00 899.00 101.00" in page
    answer: Any = browser.get("/wallet/statement.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["kind"], row["available_delta"]) for row in rows] == [
        ("withdrawal_request", "-101.000000"),
        ("deposit", "1000.000000"),
    ]
    assert escape(ADDRESS) in browser.get("/wallet").content.decode()


def test_a_strangers_withdrawal_is_not_there(user: User) -> None:
    waiting = withdraw(user, 10)
    assert browser_of(make_user()).post(f"/wallet/withdrawals/{waiting.pk}/cancel").status_code == 404
    waiting.refresh_from_db()
    assert waiting.status == "pending"
