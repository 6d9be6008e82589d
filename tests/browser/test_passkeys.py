"""A passkey in a real browser, whose authenticator is Chromium's virtual one."""

import pytest
from playwright.sync_api import Browser, expect

from accounts.models import Passkey, User
from orders.models import Market
from tests.browser.chromium import PATIENCE_MS, window
from tests.factories.accounts import PASSWORD, make_user
from tests.feed.clients import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)
expect.set_options(timeout=PATIENCE_MS)

_PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_made_confirms_and_logs_in(chromium: Browser, platform: ServerProcess, market: Market) -> None:
    user = make_user()
    address = platform.address.replace("127.0.0.1", "localhost")  # an address has no passkeys
    with window(chromium, address, user) as browser:
        devices = browser.page.context.new_cdp_session(browser.page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": _PHONE})

        page = browser.go("/account/security/passkeys")
        page.get_by_label("Name").fill("my phone")
        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        assert Passkey.objects.get().user == user

        page = browser.go("/account/security/mail-word")
        page.get_by_label("Your word").fill("blue heron")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_text("Confirmed by your passkey.")).to_be_visible()
        page.locator("main button.primary").click()
        expect(page.get_by_text("has this word from now on")).to_be_visible()
        assert User.objects.get(pk=user.pk).mail_word == "blue heron"

        page.context.clear_cookies()
        page = browser.go("/login?next=/orders")
        page.get_by_role("button", name="Log in with a passkey").click()
        page.wait_for_url("**/orders")
        expect(page.locator("summary").get_by_text(user.display_name)).to_be_visible()
        browser.check()
