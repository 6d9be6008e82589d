"""What a page weighs, how soon it shows something, whom it shuts out, and what it leaves behind on a device."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from accounts.models import User
from tests.browser.chromium import DESK, PATIENCE_MS, PHONE, window
from tests.feed.clients import ServerProcess
from tests.web.cast import fill, make_cast, places_of
from tests.web.pages import PAGES, whole_pages

expect.set_options(timeout=PATIENCE_MS)

BUDGET_BYTES: Final = {"document": 60_000, "stylesheet": 40_000, "script": 90_000, "total": 190_000}
BUDGET_REQUESTS: Final = 20
BUDGET_PAINT_MS: Final = 3_000
"""Of a first visit, uncompressed; the time counts from the answer, on a machine that tests at the same time."""
BUDGET_NEXT_BYTES: Final = 60_000
"""Of each further page: the document alone, since all else is kept."""

_PAINT: Final = """
performance.getEntriesByName('first-contentful-paint')[0]?.startTime
- performance.getEntriesByType('navigation')[0].responseStart
"""
_SIDEWAYS: Final = "document.documentElement.scrollWidth > innerWidth"
_STYLES: Final = "[...document.querySelectorAll('[class]')].map((one) => one.getAttribute('class'))"
_AXE: Final = {"resultTypes": ["violations"], "preload": False}
_FAULTS: Final = """
(options) => axe.run(options).then(({violations}) => violations
  .filter((fault) => ["serious", "critical"].includes(fault.impact))
  .map((fault) => `${fault.id}: ${fault.nodes[0].target} ${fault.nodes[0].failureSummary}`))
"""


@pytest.fixture
def cast(transactional_db: None) -> dict[str, User]:
    cast = make_cast()
    fill(cast["buyer"], cast["seller"])
    return cast


@pytest.mark.parametrize("path", ["/", "/markets/USDT-EUR", "/login", "/help/scams"])
def test_a_first_visit_stays_within_the_budget(
    path: str, chromium: Browser, platform: ServerProcess, cast: dict[str, User]
) -> None:
    weights: dict[str, int] = {}
    responses: list[Response] = []
    with window(chromium, platform.address, service_workers="block") as visitor:
        visitor.page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 it wants a function
        visitor.go(path).wait_for_load_state("networkidle")
        for response in responses:
            if response.status == 200:
                kind = response.request.resource_type
                weights[kind] = weights.get(kind, 0) + len(response.body())
        paint = visitor.page.evaluate(_PAINT)
        visitor.check()
    weights["total"] = sum(weights.values())
    seen = [response.url for response in responses]
    assert all(url.startswith((platform.address, "data:")) for url in seen), seen
    assert {kind: weights[kind] for kind, most in BUDGET_BYTES.items() if weights.get(kind, 0) > most} == {}
    assert len(seen) <= BUDGET_REQUESTS
    assert paint < BUDGET_PAINT_MS


def faults_of(page: Page, answer: Response | None, styles: set[str]) -> Iterator[str]:
    """What Axe finds serious on a phone, by day and by night; what scrolls sideways, also at a desk; what is heavy.

    `styles` are the classes that were looked at by night before: a page that has no other is not looked at again.
    """
    page.evaluate(Axe().axe_script)
    yield from page.evaluate(_FAULTS, _AXE)
    if (here := set(page.evaluate(_STYLES))) - styles:
        styles |= here
        page.emulate_media(color_scheme="dark")
        yield from page.evaluate(_FAULTS, _AXE | {"runOnly": ["color-contrast"]})
        page.emulate_media(color_scheme="light")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        if page.evaluate(_SIDEWAYS):
            yield f"it scrolls sideways at {size['width']}"
    if (weight := len(answer.body()) if answer else 0) > BUDGET_NEXT_BYTES:
        yield f"it weighs {weight}"
    if (paint := page.evaluate(_PAINT)) is None or paint > BUDGET_PAINT_MS:
        yield f"its first paint took {paint} ms"


def test_every_page_is_light_and_shuts_nobody_out(
    chromium: Browser, platform: ServerProcess, cast: dict[str, User]
) -> None:
    places, faults, styles = places_of(cast), {}, set[str]()
    with ExitStack() as stack:
        for who in PAGES:
            visitor = stack.enter_context(
                window(chromium, platform.address, cast.get(who), bypass_csp=True, service_workers="block", phone=True)
            )
            for path in whole_pages(who):
                answer = visitor.page.goto(visitor.address + path.format(**places))
                if found := list(faults_of(visitor.page, answer, styles)):
                    faults[f"{who} {path}"] = found
            if visitor.complaints:
                faults[who] = visitor.complaints
    assert faults == {}


def test_the_app_can_be_installed_and_without_a_network_says_so_and_has_kept_nothing_private(
    chromium: Browser, platform: ServerProcess, cast: dict[str, User]
) -> None:
    with window(chromium, platform.address, cast["buyer"]) as reader:
        page = reader.go("/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        browser = page.context.new_cdp_session(page)
        found = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert {fault["errorId"] for fault in found} <= {"in-incognito"}  # which every browser of a test is
        assert browser.send("Page.getAppManifest")["errors"] == []
        browser.detach()
        reader.go("/wallet")
        kept = page.evaluate(
            "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
            " (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat())"
        )
        assert {path for path in kept if not path.startswith("/static/")} == {"/offline"}
        assert page.evaluate("Object.keys(localStorage)") == []
        reader.cut_the_line()
        page.goto(f"{platform.address}/trades")
        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
        reader.mend_the_line()
        expect(page.get_by_role("heading", name="Trades")).to_be_visible()


def test_push_is_offered_in_the_trade_and_a_browser_never_asks_by_itself(
    chromium: Browser, platform: ServerProcess, cast: dict[str, User]
) -> None:
    trade = places_of(cast)["new"]
    with window(chromium, platform.address, cast["buyer"], permissions=["notifications"]) as reader:
        reader.page.add_init_script(
            "window.asked = 0; Notification.requestPermission = async () => { window.asked++; return 'granted'; };"
            "PushManager.prototype.subscribe = async () => { throw new Error('no push service'); };"
        )
        page = reader.go(f"/trades/{trade}")
        offer = page.locator("[data-push-offer]")
        expect(offer).to_be_visible()
        assert page.evaluate("window.asked") == 0
        offer.get_by_role("button", name="Tell me on this device").click()
        expect(offer.get_by_text("That did not work here")).to_be_visible()
        assert page.evaluate("window.asked") == 1
        offer.get_by_role("button", name="Not now").click()
        expect(offer).to_be_hidden()
        reader.go("/orders")
        expect(page.locator("[data-push-offer]")).to_have_count(0)
        reader.check()
