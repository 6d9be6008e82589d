"""The market by keyboard: keys reach, they do nothing by themselves, and nothing happens while somebody types."""

from playwright.sync_api import Browser, expect

from orders.models import Market, Order
from tests.browser.chromium import PATIENCE_MS, window
from tests.factories.orders import make_trader
from tests.feed.clients import ServerProcess

expect.set_options(timeout=PATIENCE_MS)


def test_keys_reach_what_they_name_unless_one_types_or_has_switched_them_off(
    chromium: Browser, platform: ServerProcess, market: Market
) -> None:
    with window(chromium, platform.address, make_trader()) as merchant:
        page = merchant.go("/markets/USDT-EUR?side=buy")
        dialog = page.get_by_role("dialog", name="By keyboard")
        page.keyboard.press("?")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text("Write an order to sell")
        expect(dialog.get_by_text("Write a message")).to_be_hidden()  # there is no chat here
        page.keyboard.press("s")  # nor anything behind the dialog
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.get_by_label("I buy")).to_be_checked()

        page.keyboard.press("s")
        expect(page.get_by_label("I sell")).to_be_checked()
        expect(page.locator("#id_price")).to_be_focused()
        page.keyboard.type("0.92")
        page.keyboard.type("b?/go")
        expect(page.get_by_label("I sell")).to_be_checked()
        expect(dialog).to_be_hidden()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        expect(page.locator("#id_fiat")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("o")
        page.wait_for_url("**/orders")

        page.get_by_label("Account and settings").click()
        page.get_by_role("button", name="Keyboard").click()
        dialog.get_by_label("Keys are on").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("t")
        page.keyboard.press("?")
        expect(dialog).to_be_hidden()
        assert page.url.endswith("/orders")
        assert not Order.objects.exists()
        merchant.check()
