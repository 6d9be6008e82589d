"""Pictures of every page, in both themes, on a desk and on a phone: to be looked at.

    python -m tests.browser.screenshots [ADDRESS] [FOLDER]

ADDRESS is that of a running sandbox (`make run`); the demo's people make a trade there, so that there is one to see.
"""

import os
import re
import sys
from pathlib import Path

import django
from playwright.sync_api import Browser, Page

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
django.setup()

from iqx.demo.seed import PASSWORD  # noqa: E402 the applications are ready only now
from tests.browser.chromium import DESK, PATIENCE_MS, PHONE, found_chromium, started  # noqa: E402

PAGES = {
    "": ["/", "/login", "/register", "/password/forgotten", "/markets/USDT-EUR", "/nothing-here", "/offline"],
    "alice": ["/", "/markets/USDT-EUR", "/markets/USDT-USD/order", "/orders", "/trades", "{trade}", "{trade}/release"],
    "bob": ["{offer}?fiat=20", "{trade}", "{trade}/dispute"],
}


def page_of(browser: Browser, address: str, who: str, *, dark: bool = False, phone: bool = False) -> Page:
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        is_mobile=phone,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    if who:
        page.goto(f"{address}/login")
        page.fill("#id_email", f"{who}@iqx.example")
        page.fill("#id_password", PASSWORD)
        page.click("main button.primary")
        page.wait_for_url(f"{address}/")
    return page


def make_a_trade(browser: Browser, address: str) -> dict[str, str]:
    """Alice sells on USDT-USD, Bob takes some and pays; the places to look at."""
    alice, bob = (page_of(browser, address, who) for who in ("alice", "bob"))
    alice.goto(f"{address}/markets/USDT-USD/order?side=sell")
    alice.fill("#id_price", "1")
    alice.fill("#id_amount", "100")
    alice.click("#preview button")
    alice.wait_for_url("**/markets/USDT-USD")
    bob.goto(f"{address}/markets/USDT-USD?side=buy")
    bob.click("a.buy-button >> nth=0")
    offer = bob.url.removeprefix(address)
    bob.fill("#id_amount", "40")
    bob.click("#preview button")
    bob.wait_for_url("**/trades/*")
    bob.click("text=I have paid")
    bob.wait_for_selector("text=looks for your payment")
    return {"offer": offer, "trade": bob.url.removeprefix(address)}


def main(address: str = "http://127.0.0.1:8000", folder: str = "screenshots") -> None:
    program = found_chromium()
    if program is None:
        sys.exit("no Chromium: install it, or set IQX_CHROMIUM")
    Path(folder).mkdir(parents=True, exist_ok=True)
    with started(program) as browser:
        places = make_a_trade(browser, address)
        for dark in (False, True):
            for phone in (False, True):
                for who, paths in PAGES.items():
                    page = page_of(browser, address, who, dark=dark, phone=phone)
                    for path in paths:
                        page.goto(address + path.format(**places), wait_until="load")
                        page.wait_for_timeout(500)
                        named = re.sub(r"[^a-zA-Z0-9]+", "-", path).strip("-") or "home"
                        look = f"{'phone' if phone else 'desk'}-{'dark' if dark else 'light'}"
                        page.screenshot(path=f"{folder}/{who or 'stranger'}-{named}-{look}.png", full_page=True)
                    page.context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
