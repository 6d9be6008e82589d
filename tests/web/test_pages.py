"""What every page has in common: who may see it, and a fixed number of queries, with little and with much to show."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.views import View

from accounts.models import User
from disputes.models import Dispute
from iqx.notices.models import Notice, Webhook
from iqx.web.pages import Page
from orders.models import Market
from support.models import Ticket
from tests.factories.accounts import make_user
from tests.factories.orders import SYMBOL, place, trade_between
from tests.web.browsing import browser_of, text_of
from tests.web.cast import ROLES, fill, make_cast, places_of
from tests.web.pages import PAGES
from trades.models import Trade, Transaction

pytestmark = pytest.mark.django_db

NO_PLACES_TO_BEGIN = {"CodePage", "AddPasskey", "LoginByPasskey", "ReceiptsFile"}
"""Second steps, which one is led to, and a file."""


def surprises(browsers: dict[str, Client], places: dict[str, object]) -> dict[str, int]:
    """The pages that cost something else than they should, and what."""
    found = {}
    for who, addresses in PAGES.items():
        for address, expected in addresses.items():
            with CaptureQueriesContext(connection) as queries:
                assert browsers[who].get(address.format(**places)).status_code == 200, address
            if len(queries) != expected:
                found[f"{who} {address}"] = len(queries)
    return found


def test_each_page_costs_the_same_however_much_it_shows() -> None:
    cast = make_cast()
    browsers = {"stranger": Client(), **{role: browser_of(cast[role]) for role in ROLES}}
    fill(cast["buyer"], cast["seller"], 1)
    assert surprises(browsers, places_of(cast)) == {}
    for number in (2, 3):
        fill(cast["buyer"], cast["seller"], number)
    assert surprises(browsers, places_of(cast)) == {}


@pytest.mark.parametrize("part", ["summary", "chart", "book", "tape", "offers"])
def test_what_all_see_is_rendered_once_for_an_event(part: str, market: Market, seller: User, buyer: User) -> None:
    address = f"/markets/{market.symbol}?part={part}"
    trade_between(seller, buyer)
    first = Client().get(address).content
    for browser in (Client(), browser_of(buyer)):
        with CaptureQueriesContext(connection) as spent:
            assert browser.get(address).content == first
        assert len(spent) == 1
    french = Client(headers={"accept-language": "fr"}).get(address).content
    place(seller, "sell", 3, 7)
    trade_between(seller, buyer, 33, 2)
    anew = Client().get(address).content
    assert anew != first != french
    with CaptureQueriesContext(connection) as spent:
        assert Client().get(address).content == anew
    assert len(spent) == 1


def pages_in(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from pages_in(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "view_class", None)
        if view and issubclass(view, Page) and view.template and "get" in view.http_method_names:
            yield view.__name__


def test_no_page_is_left_out() -> None:
    names = {name for addresses in PAGES.values() for address in addresses for name in re.findall(r"{(\w+)}", address)}
    anything = dict.fromkeys(names, str(uuid4())) | {"market": "USDT-EUR"}
    listed = {
        getattr(resolve(address.format(**anything).partition("?")[0]).func, "view_class", View).__name__
        for addresses in PAGES.values()
        for address in addresses
    }
    all_of_them = set(pages_in(get_resolver("iqx.web.urls").url_patterns))
    assert all_of_them - listed == NO_PLACES_TO_BEGIN


def test_no_key_releases_and_names_lead_to_profiles(market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    browser = browser_of(seller)
    for path in ("", "/release"):
        page = browser.get(f"/trades/{trade.id}{path}").content.decode()
        assert set(re.findall(r'data-key="([^"]+)"', page)) <= {"m", "g m", "g t", "g o", "g w"}
    place(buyer, "buy", "0.5", 10)
    receipt = trade_between(seller, buyer, status="released").receipt
    shown = (f"/trades/{trade.id}", "/trades", "/receipts", f"/receipts/{receipt.pk}", f"/markets/{SYMBOL}?side=sell")
    for path in shown:
        assert f'href="/traders/{buyer.pk}"' in browser.get(path).content.decode(), path


@pytest.mark.parametrize("path", ["", "/release", "/dispute"])
def test_a_strangers_trade_is_not_there(path: str, market: Market, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    other = browser_of(User.objects.create(email="other@iqx.example"))
    assert other.get(f"/trades/{trade.id}{path}").status_code == 404
    assert other.post(f"/trades/{trade.id}/release", {"received": "100", "seen": "on"}).status_code == 404
    assert Trade.objects.get().status == "paid"


def test_pages_speak_the_readers_language_and_the_api_doesnt(market: Market) -> None:
    french = Client(headers={"accept-language": "fr"})
    assert '<html lang="fr"' in french.get("/").content.decode()
    assert "This field is required" in french.post("/api/v1/auth/login", {}, "application/json").content.decode()


def test_what_is_not_there_is_a_page_with_its_status(market: Market) -> None:
    answer = Client().get("/markets/USDT-XXX")
    assert answer.status_code == 404
    assert "nothing here" in text_of(answer)


def test_a_stranger_finds_nothing_and_a_visitor_logs_in_first() -> None:
    cast = make_cast()
    user, other = cast["buyer"], cast["seller"]
    fill(user, other)
    browser_of(user)
    account = user.payment_accounts.get().account
    mine = [
        f"/receipts/{Transaction.objects.get().pk}",
        f"/disputes/{Dispute.objects.get().pk}",
        f"/support/{Ticket.objects.get().pk}",
        f"/account/webhooks/{Webhook.objects.get().pk}",
        f"/account/payment-accounts/{account}",
        f"/account/payment-accounts/{account}/delete",
        f"/notices/{Notice.objects.filter(user=user).latest('seq').pk}",
    ]
    stranger, visitor = browser_of(make_user()), Client()
    for address in mine:
        assert stranger.get(address).status_code == 404, address
        assert visitor.get(address).headers["Location"].startswith("/login?next="), address
    for address in (
        f"{mine[1]}/withdraw",
        f"{mine[2]}/close",
        f"{mine[3]}/delete",
        f"/account/api-keys/{user.api_keys.get().pk}/revoke",
        f"/account/sessions/{user.sessions.latest('pk').pk}/end",
    ):
        assert stranger.post(address).status_code == 404, address
    assert stranger.post(mine[1], {"statement": "mine"}).status_code == 404
    assert stranger.post(mine[2], {"body": "mine"}).status_code == 404
    assert stranger.post(mine[5]).status_code == 404
    assert (Dispute.objects.get().status, Ticket.objects.get().status) == ("open", "waiting_staff")
    assert (user.api_keys.filter(revoked_at=None).count(), Webhook.objects.count()) == (1, 1)
    assert Client().get(f"/traders/{other.pk}").status_code == 200
    assert Client().get(f"/traders/{make_user(role='support').pk}").status_code == 404
