"""What merchants do on pages, as a browser without scripts does it: offers, changes, breaks, hours."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from orders.floating import Float, set_reference
from orders.models import Market, OpeningHours, Order
from tests.factories.orders import SYMBOL, make_trader, place
from tests.factories.wallets import balance_of
from tests.web.browsing import browser_of, hidden_inputs, text_of
from trades.models import Trade

pytestmark = pytest.mark.django_db

PAGE = f"/markets/{SYMBOL}/offer"
OFFER = {"side": "sell", "pricing": "fixed", "price": "2", "amount": "100", "client_order_id": "web-1"}
FLOATING = OFFER | {"pricing": "floating", "price": "", "premium": "-1.5", "min_price": "0.90"}


def confirmed(browser: Client, page: str, given: dict[str, Any], button: str = "confirm") -> Any:
    """Look, then press the button that the look has."""
    looked = browser.post(page, given)
    assert looked.status_code == 200, text_of(looked)
    return browser.post(page, hidden_inputs(looked, f'value="{button}"'))


def test_an_offer_with_all_that_merchants_set_is_looked_at_posted_and_taken_by_its_link(
    market: Market, seller: User, buyer: User
) -> None:
    set_reference(symbol=SYMBOL, price=Decimal("1.0"), actor=None, valid_for=timedelta(hours=1))
    browser = browser_of(seller)
    assert "The reference is 1.00 EUR" in text_of(browser.get(f"{PAGE}?side=sell"))
    given = FLOATING | {
        "min_fill": "5", "max_fill": "50", "until": "2099-01-01T12:00", "kyc_level": "1", "completed_trades": "1",
        "completion_rate": "95", "account_age_days": "", "private": "on", "terms": "Own account only.",
        "auto_reply": "Hello!", "payment_methods": ["sepa"],
    }  # fmt: skip
    looked = browser.post(PAGE, given)
    assert "Price now 0.99 EUR" in text_of(looked)
    assert not Order.objects.exists()
    posted = confirmed(browser, PAGE, given)
    order = Order.objects.get()
    assert posted.headers["Location"] == f"/orders/{order.pk}"
    assert (order.premium_bps, order.min_price, order.price) == (-150, Decimal("0.90"), Decimal("0.99"))
    assert (order.min_fill, order.max_fill, order.time_in_force) == (5, 50, "GTD")
    assert (order.min_kyc_level, order.min_trades, order.min_completion, order.min_account_days) == (
        1, 1, Decimal("0.95"), None,
    )  # fmt: skip
    assert (order.auto_reply, order.terms) == ("Hello!", "Own account only.")

    own = text_of(browser.get(f"/orders/{order.pk}"))
    assert f"http://testserver/o/{order.link}" in own
    assert "\u22121.5%" in own
    assert "95% of all trades completed" in own
    taker = browser_of(buyer)
    for stranger in (f"/orders/{order.pk}", f"/offers/{order.pk}", "/o/nothing"):
        assert taker.get(stranger).status_code == 404
    link = f"/o/{order.link}"
    assert "1 completed trade or more" in text_of(taker.get(link))
    take = {"amount": "20", "unit": "USDT", "payment_method": "sepa", "version": str(order.version)}
    assert "for people with more to show" in text_of(taker.post(link, take))
    Order.objects.update(min_trades=None, min_completion=None)
    assert confirmed(taker, link, take).headers["Location"] == f"/trades/{Trade.objects.get().pk}"


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        (FLOATING | {"premium": ""}, "premium", "This is needed."),
        (FLOATING | {"premium": "200"}, "premium", "From -50 to 100 per cent."),
        (OFFER | {"min_fill": "200"}, "min_fill", "The smallest fill is larger"),
        (OFFER | {"max_fill": "50", "min_fill": "60"}, "max_fill", "The largest fill is below"),
        (FLOATING, "", "no fresh reference"),
    ],
)
def test_what_an_offer_lacks_is_told_at_its_field(
    given: dict[str, str], field: str, told: str, market: Market, seller: User
) -> None:
    refused = browser_of(seller).post(PAGE, given)
    assert (refused.status_code, told in text_of(refused)) == (422, True)
    assert not field or f'id="id_{field}-errors"' in refused.content.decode()
    assert not Order.objects.exists()


def test_an_order_is_changed_as_it_was_looked_at(market: Market, seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 2, 100)
    place(buyer, "buy", 2, 30)
    browser, page = browser_of(seller), f"/orders/{order.pk}/amend"
    (seen,) = hidden_inputs(browser.get(page), "hx-post=")["seen"]
    looked = browser.post(page, {"price": "2.5", "amount": "80", "seen": seen})
    assert "Waits in the book 50.00 USDT" in text_of(looked)
    order.refresh_from_db()
    assert (order.price, order.amount) == (2, 100)
    assert "30.00 USDT of it are traded already" in text_of(
        browser.post(page, {"price": "2", "amount": "20", "seen": seen})
    )
    assert (
        confirmed(browser, page, {"price": "2.5", "amount": "80", "seen": seen}).headers["Location"]
        == f"/orders/{order.pk}"
    )
    order.refresh_from_db()
    assert (order.price, order.amount, balance_of(seller)[1]) == (Decimal("2.5"), 80, 80)
    stale = {"price": "2", "amount": "100", "seen": seen}
    assert browser.post(page, stale).status_code == 422
    assert "has just changed" in text_of(browser.post(page, stale | {"do": "confirm"}, follow=True))
    order.refresh_from_db()
    assert (order.price, order.amount) == (Decimal("2.5"), 80)
    assert browser_of(buyer).post(page, {"price": "1", "amount": "80"}).status_code == 404


def test_how_an_orders_price_floats_is_changed(market: Market, seller: User) -> None:
    set_reference(symbol=SYMBOL, price=Decimal("1.1"), actor=None, valid_for=timedelta(hours=1))
    order, _ = place(seller, "sell", 1, 10, floats=Float(-150, Decimal("0.90")))
    browser, page = browser_of(seller), f"/orders/{order.pk}/amend"
    got = browser.get(page)
    shown = got.content.decode()
    set_reference(symbol=SYMBOL, price=Decimal("1.0"), actor=None, valid_for=timedelta(hours=1))  # no amendment
    assert ('value="-1.5"' in shown, 'name="price"' in shown) == (True, False)
    changed = {"premium": "+2", "min_price": "", "max_price": "1.5", "amount": "10"}
    changed |= {"seen": hidden_inputs(got, "hx-post=")["seen"][0]}
    assert confirmed(browser, page, changed).status_code == 302
    order.refresh_from_db()
    assert (order.premium_bps, order.min_price, order.max_price, order.price) == (
        200, None, Decimal("1.5"), Decimal("1.02"),
    )  # fmt: skip


def test_one_order_is_paused_all_take_a_break_and_all_are_cancelled(market: Market, seller: User, buyer: User) -> None:
    first, _ = place(seller, "sell", 2, 10)
    place(seller, "buy", 1, 10)
    browser = browser_of(seller)

    def states() -> list[str]:
        return list(Order.objects.filter(owner=seller).order_by("pk").values_list("status", flat=True))

    assert browser.post(f"/orders/{first.pk}/pause").headers["Location"] == f"/orders/{first.pk}"
    assert states() == ["paused", "open"]
    assert "You have paused it." in text_of(browser.get(f"/orders/{first.pk}"))
    assert browser_of(buyer).post(f"/orders/{first.pk}/resume").status_code == 404
    browser.post(f"/orders/{first.pk}/resume")
    browser.post("/orders/break")
    assert states() == ["paused", "paused"]
    assert "2 on a break" in text_of(browser.get("/orders"))
    browser.post("/orders/break", {"wish": "end"})
    assert states() == ["open", "open"]

    assert "You have 2 orders." in text_of(browser.get("/orders/cancel"))
    assert states() == ["open", "open"]
    browser.post("/orders/cancel", {"market": SYMBOL, "side": "buy"})
    assert states() == ["open", "cancelled"]
    browser.post("/orders/cancel", {"market": "", "side": ""})
    assert states() == ["cancelled", "cancelled"]
    assert browser.get(f"/orders/{first.pk}/amend").headers["Location"] == f"/orders/{first.pk}"


def rows(*given: tuple[str, str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {"form-TOTAL_FORMS": len(given), "form-INITIAL_FORMS": 0, "time_zone": "Asia/Ho_Chi_Minh"}
    for number, (days, start, end) in enumerate(given):
        sent |= {f"form-{number}-days": list(days), f"form-{number}-start": start, f"form-{number}-end": end}
    return sent


def test_opening_hours_are_kept_shown_and_dropped(market: Market) -> None:
    merchant = make_trader()
    browser, page = browser_of(merchant), "/orders/hours"
    assert browser.post(page, rows(("", "", ""))).status_code == 422
    half = browser.post(page, rows(("01", "09:00", "")))
    assert (half.status_code, "both times" in text_of(half)) == (422, True)
    assert not OpeningHours.objects.exists()
    assert browser.post(page, rows(("01", "09:00", "17:30"), ("5", "22:00", "00:00"), ("", "", ""))).status_code == 302
    kept = OpeningHours.objects.get()
    assert (kept.time_zone, kept.windows) == ("Asia/Ho_Chi_Minh", [[0, 540, 1050], [1, 540, 1050], [5, 1320, 0]])
    shown = browser.get(page).content.decode()
    assert ('value="17:30"' in shown, 'name="form-3-days"' in shown) == (True, True)
    browser.post(f"{page}/drop")
    assert not OpeningHours.objects.exists()
