"""A whole trade by two people at once, each in a browser: desk and phone, the line cut, and without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from orders.models import Market
from tests.browser.chromium import PATIENCE_MS, Window, window
from tests.factories.orders import make_trader
from tests.factories.payments import IBAN, add_account
from tests.feed.clients import ServerProcess
from trades.models import Trade
from wallets.selectors import get_wallet

expect.set_options(timeout=PATIENCE_MS)


def people() -> tuple[User, User]:
    """A seller whom one can pay by SEPA, and a buyer."""
    seller, buyer = make_trader(), make_trader(0)
    add_account(seller, "sepa")
    return seller, buyer


def offer(seller: Window, *, looks: bool) -> None:
    page = seller.go("/markets/USDT-EUR/order?side=sell")
    page.get_by_label("Price").fill("0.92")
    page.get_by_label("Amount").fill("100")
    page.get_by_label("SEPA transfer").check()
    if not looks:
        page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("#preview")).to_contain_text("100.00 USDT")
    page.get_by_role("button", name="Place: sell").click()
    expect(page.get_by_text("Your order is in the book")).to_be_visible()


def take(buyer: Window, *, looks: bool) -> str:
    page = buyer.go("/markets/USDT-EUR?side=buy&fiat=46")
    page.get_by_role("link", name=re.compile("^Buy from")).first.click()
    if not looks:
        page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("#preview")).to_contain_text("€46.00")
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("heading", name=re.compile("^Pay €46.00"))).to_be_visible()
    return page.url.removeprefix(buyer.address)


def release(page: Page) -> None:
    page.get_by_role("link", name="It arrived").click()
    page.get_by_label("Type the amount").fill("64")
    page.get_by_label("I have opened my bank").check()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("not the amount of this trade")).to_be_visible()
    page.get_by_label("Type the amount").fill("46")
    page.get_by_label("I have opened my bank").check()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("You released")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_two_people_trade_and_a_cut_line_hides_and_invents_nothing(
    phone: bool, chromium: Browser, platform: ServerProcess, market: Market
) -> None:
    seller_user, buyer_user = people()
    with (
        window(chromium, platform.address, seller_user, phone=phone) as seller,
        window(chromium, platform.address, buyer_user, phone=phone) as buyer,
    ):
        offer(seller, looks=True)
        trade = take(buyer, looks=True)
        expect(buyer.page.get_by_text(IBAN)).to_be_visible()
        seller.go(trade)
        expect(seller.page.get_by_text("Wait for the payment")).to_be_visible()
        buyer.page.get_by_placeholder("Write a message").fill("Sending it now")
        buyer.page.get_by_role("button", name="Send").click()
        expect(seller.page.locator("#part-chat")).to_contain_text("Sending it now")

        seller.cut_the_line()
        expect(seller.page.get_by_text("Reconnecting")).to_be_visible()
        buyer.page.get_by_role("button", name="I have paid").click()
        expect(buyer.page.get_by_text("looks for your payment")).to_be_visible()
        expect(seller.page.get_by_text("Wait for the payment")).to_be_visible()
        seller.mend_the_line()
        expect(seller.page.get_by_role("link", name="It arrived")).to_be_visible()
        expect(seller.page.get_by_text("Reconnecting")).to_be_hidden()

        release(seller.page)
        expect(buyer.page.get_by_text("are in your wallet")).to_be_visible()
        assert Trade.objects.get().status == "released"
        assert get_wallet(buyer_user.pk).available == 50
        seller.check()
        buyer.check()


def test_two_people_trade_without_scripts(chromium: Browser, platform: ServerProcess, market: Market) -> None:
    seller_user, buyer_user = people()
    with (
        window(chromium, platform.address, seller_user, java_script_enabled=False) as seller,
        window(chromium, platform.address, buyer_user, java_script_enabled=False) as buyer,
    ):
        offer(seller, looks=False)
        trade = take(buyer, looks=False)
        buyer.page.get_by_role("button", name="I have paid").click()
        expect(buyer.page.get_by_text("looks for your payment")).to_be_visible()
        release(seller.go(trade))
        assert get_wallet(buyer_user.pk).available == 50
