"""What a page weighs, how soon it shows something, whom it shuts out, and what it leaves behind on a device."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Response, expect

from orders.models import Market
from tests.browser.chromium import window
from tests.factories.orders import make_trader, place, trade_between
from tests.factories.payments import add_account
from tests.feed.clients import ServerProcess
from trades.models import Trade

BUDGET_BYTES = {"document": 60_000, "stylesheet": 40_000, "script": 90_000, "total": 190_000}
BUDGET_REQUESTS = 20
BUDGET_PAINT_MS = 3_000
"""Of a first visit, uncompressed; the time counts from the answer, on a machine that tests at the same time."""
_PAINT = """
performance.getEntriesByName('first-contentful-paint')[0].startTime
- performance.getEntriesByType('navigation')[0].responseStart
"""


@pytest.fixture
def trade(market: Market) -> Trade:
    seller, buyer = make_trader(), make_trader()
    add_account(seller, "sepa")
    place(seller, "sell", "0.93", 50, payment_methods=["sepa"])
    place(buyer, "buy", "0.91", 50)
    place(seller, "sell", "0.92", 100, payment_methods=["sepa"])
    (made,) = place(buyer, "buy", "0.92", 100)[1]
    trade_between(seller, buyer, price="0.92", status="released")
    return made


@pytest.mark.parametrize("path", ["/", "/markets/USDT-EUR"])
def test_a_first_visit_stays_within_the_budget(
    path: str, chromium: Browser, platform: ServerProcess, trade: Trade
) -> None:
    weights: dict[str, int] = {}
    seen: list[str] = []

    def weigh(response: Response) -> None:
        seen.append(response.url)
        if response.status == 200 and response.request.service_worker is None:
            kind = response.request.resource_type
            weights[kind] = weights.get(kind, 0) + len(response.body())

    with window(chromium, platform.address, trade.buyer, service_workers="block") as visitor:
        responses: list[Response] = []
        visitor.page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 it wants a function
        visitor.go(path).wait_for_load_state("networkidle")
        for response in responses:
            weigh(response)
        paint = visitor.page.evaluate(_PAINT)
        visitor.check()
    weights["total"] = sum(weights.values())
    assert all(url.startswith((platform.address, "data:")) for url in seen), seen
    assert {kind: weights[kind] for kind, most in BUDGET_BYTES.items() if weights.get(kind, 0) > most} == {}
    assert len(seen) <= BUDGET_REQUESTS
    assert paint < BUDGET_PAINT_MS


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_shut_nobody_out(scheme: Any, chromium: Browser, platform: ServerProcess, trade: Trade) -> None:
    """Axe finds nothing that is serious; wide pages do not make a phone scroll sideways."""
    pages = ["/", "/markets/USDT-EUR", "/markets/USDT-EUR/order", "/orders", "/trades", f"/trades/{trade.id}"]
    pages += [f"/offers/{trade.seller.orders.get(status='open').id}"]
    faults: dict[str, list[str]] = {}
    with (
        window(chromium, platform.address, trade.buyer, color_scheme=scheme, bypass_csp=True, phone=True) as reader,
        window(chromium, platform.address, color_scheme=scheme, bypass_csp=True) as stranger,
    ):
        for visitor, path in [*((reader, page) for page in pages), (stranger, "/login"), (stranger, "/register")]:
            page = visitor.go(path)
            found = Axe().run(page).response["violations"]
            serious = [
                f"{fault['id']}: {fault['nodes'][0]['target']} {fault['nodes'][0]['failureSummary']}"
                for fault in found
                if fault["impact"] in {"serious", "critical"}
            ]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                serious.append("it scrolls sideways")
            if serious:
                faults[path] = serious
    assert faults == {}


def test_without_a_network_the_app_says_so_and_has_kept_nothing_private(
    chromium: Browser, platform: ServerProcess, trade: Trade
) -> None:
    with window(chromium, platform.address, trade.buyer) as reader:
        page = reader.go("/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        reader.go(f"/trades/{trade.id}")
        kept = page.evaluate(
            "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
            " (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat())"
        )
        assert {path for path in kept if not path.startswith("/static/")} == {"/offline"}
        assert page.evaluate("Object.keys(localStorage)") == []
        reader.cut_the_line()
        page.goto(f"{platform.address}/trades")
        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
