"""Pictures of every page, in both themes, on a desk and on a phone: to be looked at.

    python -m tests.browser.screenshots [ADDRESS] [FOLDER]

ADDRESS is that of a running sandbox (`make run`); the demo's people do there what there is to see, by the API.
"""

import os
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import django
import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Route

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
django.setup()

from django.template.loader import render_to_string  # noqa: E402 the applications are ready only now

from accounts import totp  # noqa: E402
from iqx.demo.seed import PASSWORD  # noqa: E402
from tests.browser.chromium import DESK, PATIENCE_MS, PHONE, found_chromium, started  # noqa: E402
from tests.web.pages import whole_pages  # noqa: E402

PEOPLE: Final = {"stranger": "", "newcomer": "carol", "seller": "alice", "buyer": "bob", "guarded": "guarded"}
EMPTY: Final = (
    "/", "/orders", "/trades", "/receipts", "/people", "/wallet", "/wallet/statement", "/wallet/addresses", "/disputes",
    "/support", "/account", "/account/payment-accounts", "/account/api-keys", "/account/webhooks", "/notices",
    "/markets/USDT-VND",
)  # fmt: skip
"""What there is to see for somebody who has done nothing yet."""

STANDING_ALONE: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "/maintenance": ("maintenance.html", {"maintenance": {"reason": "A new disk is put in.", "until": None}}),
    "/broken": ("web/broken.html", {"request_id": "0f3b9f0e"}),
}
"""What a page can't be asked for is rendered here, and put in the browser's way."""


class Person:
    """One of the demo's people, or somebody new, by the API."""

    def __init__(self, address: str, email: str, entrance: str = "login") -> None:
        self.http = httpx.Client(base_url=f"{address}/api/v1", timeout=60, trust_env=False)
        tokens = self.post(f"/auth/{entrance}", email=email, password=PASSWORD)
        self.http.headers["Authorization"] = f"Bearer {tokens['access']}"

    def post(self, path: str, **body: object) -> Any:
        answer = self.http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        if answer.is_error:
            sys.exit(f"{path}: {answer.text}")
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()


def make_what_there_is_to_see(address: str) -> dict[str, str]:
    """Alice sells to Bob on USDT-USD, some trades in each state; Bob has one of everything. The places to look at."""
    alice, bob = (Person(address, f"{name}@iqx.example") for name in ("alice", "bob"))
    alice.post("/auth/payment-accounts", method="wise", details={"holder": "Alice Doe", "email": "alice@iqx.example"})
    account = bob.post(
        "/auth/payment-accounts", method="sepa", details={"holder": "Bob", "iban": "DE89370400440532013000"}
    )
    offer = alice.post(
        "/orders", market="USDT-USD", side="sell", price="1", amount="500", payment_methods=["wise"], min_fill="10",
        terms="Please use the reference alone, and no word of USDT.",
    )["order"]  # fmt: skip
    own = bob.post("/orders", market="USDT-USD", side="buy", price="0.98", amount="75", payment_methods=["wise"])
    private = alice.post(
        "/orders", market="USDT-USD", side="sell", price="1.02", amount="90", private=True, max_fill="50",
        requirements={"kyc_level": 1, "completed_trades": 10, "completion_rate": "0.95", "account_age_days": 30},
    )["order"]  # fmt: skip

    def bought(amount: int) -> str:
        version = bob.get("/markets/USDT-USD/orders?side=sell&limit=50")
        seen = next(one for one in version["results"] if one["id"] == offer["id"])
        made = bob.post(f"/orders/{offer['id']}/take", amount=str(amount), version=seen["version"])
        return str(made["trades"][0]["id"])

    new, trade, done, disputed = (bought(amount) for amount in (20, 40, 60, 30))
    bob.post(f"/trades/{trade}/messages", body="Hello! I pay by Wise in a minute.")
    alice.post(f"/trades/{trade}/messages", body="Very good, I am here.")
    for paid in (trade, done, disputed):
        bob.post(f"/trades/{paid}/paid")
    alice.post(f"/trades/{done}/release")
    bob.post(f"/trades/{done}/feedback", rating=5, comment="Quick and friendly.")
    dispute = bob.post(f"/trades/{disputed}/dispute", reason="not_released", statement="I paid, and hear nothing.")
    ticket = bob.post(
        "/support/tickets", subject="When does a limit rise?", category="verification", body="I am verified since May."
    )
    bob.post(f"/support/tickets/{ticket['id']}/messages", body="And what of the second level?")
    address_out = f"0x{uuid4().hex}{uuid4().hex[:8]}"
    bob.post("/wallet/addresses", name="My phone", address=address_out)
    bob.post("/wallet/withdrawals", amount="25", address=address_out)
    bob.post("/auth/api-keys", name=f"bot {uuid4().hex[:4]}", scopes=["read", "trade"])
    webhook = bob.post("/webhooks", url="https://hooks.example/iqx", description="To the books")
    bob.post("/auth/favourites", user=alice.get("/auth/me")["id"])
    return {
        "market": "USDT-EUR", "offer": offer["id"], "new": new, "trade": trade, "done": done, "disputed": disputed,
        "receipt": bob.get("/transactions?limit=1")["results"][0]["id"], "dispute": dispute["id"],
        "ticket": ticket["id"], "account": account["id"], "webhook": webhook["id"],
        "seller": alice.get("/auth/me")["id"], "own": own["order"]["id"], "link": private["link"],
    }  # fmt: skip


def guard(address: str) -> tuple[str, str]:
    """Somebody new with a second factor: the e-mail, and a code to log in with."""
    email = f"{uuid4().hex[:8]}@iqx.example"
    guarded = Person(address, email, "register")
    secret = guarded.post("/auth/2fa/setup")["secret"]
    codes = guarded.post("/auth/2fa/confirm", otp=totp.code_at(secret, totp.current_step()))["recovery_codes"]
    return email, codes[0]


def logged_in(browser: Browser, address: str, name: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    if name:
        email, code = guard(address) if name == "guarded" else (f"{name}@iqx.example", "")
        page.goto(f"{address}/login")
        page.fill("#id_email", email)
        page.fill("#id_password", PASSWORD)
        page.click("main button.primary")
        if code:
            page.wait_for_url(f"{address}/login/code")
            page.fill("#id_otp", code)
            page.click("main button.primary")
        page.wait_for_url(f"{address}/")
    state = context.storage_state()
    context.close()
    return state


def looks(browser: Browser, state: Any) -> Iterator[tuple[str, BrowserContext]]:
    for dark, phone in product((False, True), repeat=2):
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=state,
        )
        context.set_default_timeout(PATIENCE_MS)
        yield f"{'phone' if phone else 'desk'}-{'dark' if dark else 'light'}", context
        context.close()


def pages_of(who: str) -> list[str]:
    if who == "newcomer":
        return list(EMPTY)
    beyond = ["/nothing-here", *STANDING_ALONE] if who == "stranger" else []
    return [path for path in whole_pages(who) if "{passkey}" not in path] + beyond


def stand_alone(route: Route) -> None:
    template, context = STANDING_ALONE["/" + route.request.url.rsplit("/", 1)[1]]
    route.fulfill(body=render_to_string(template, context), content_type="text/html")


def take_pictures(page: Page, address: str, paths: list[str], places: dict[str, str], name: str) -> None:
    """`name` has a place for the page's. Says which pages can be moved sideways."""
    for path in paths:
        page.goto(address + path.format(**places), wait_until="load")
        page.wait_for_timeout(150)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            print(f"{path} scrolls sideways")  # noqa: T201 a command
        named = re.sub(r"[^a-zA-Z0-9]+", "-", path).strip("-") or "home"
        page.screenshot(path=name.format(named), full_page=True)
        if page.locator("input[name=do][value=begin]").count():
            page.click("main form button.primary")
            page.screenshot(path=name.format(f"{named}-begun"), full_page=True)


def main(address: str = "http://127.0.0.1:8000", folder: str = "screenshots") -> None:
    program = found_chromium()
    if program is None:
        sys.exit("no Chromium: install it, or set IQX_CHROMIUM")
    Path(folder).mkdir(parents=True, exist_ok=True)
    with started(program) as browser:
        places = make_what_there_is_to_see(address)
        for who, name in PEOPLE.items():
            for look, context in looks(browser, logged_in(browser, address, name)):
                for path in STANDING_ALONE:
                    context.route(address + path, stand_alone)
                take_pictures(context.new_page(), address, pages_of(who), places, f"{folder}/{who}-{{}}-{look}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
