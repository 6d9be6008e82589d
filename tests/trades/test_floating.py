"""Prices that follow a reference: set by staff or by a feed, within bounds, and out of the book while it is stale."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from iqx.core.models import Event
from iqx.runtime.sweeper import follow_prices
from orders.feeds import FeedFailed, Follower, HttpFeed
from orders.floating import Float, pause_stale
from orders.matching import Side
from orders.models import Market, Order, Reference
from orders.selectors import book_snapshot
from tests.factories.accounts import auth_client, make_user
from tests.factories.orders import SYMBOL, MovedClock, make_trader, new_order, place
from tests.factories.statements import recorded
from tests.factories.wallets import balance_of
from trades.models import Trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(market: Market) -> User:
    return make_user(role="admin")


def set_reference(admin: User, price: str, status: int = 200, **fields: Any) -> Any:
    answer = auth_client(admin).put(f"/api/admin/markets/{SYMBOL}/reference", {"price": price} | fields, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def post_floating(owner: User, premium: str, status: int = 201, **fields: Any) -> Any:
    body = {"market": SYMBOL, "side": "sell", "premium": premium, "amount": "100"} | fields
    answer = auth_client(owner).post("/api/v1/orders", body, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def price_of(order: dict[str, Any]) -> Decimal:
    price: Decimal = Order.objects.get(pk=order["id"]).price
    return price


def asks() -> list[Any]:
    return list(book_snapshot(SYMBOL)["asks"])


prices = st.decimals(Decimal("0.05"), Decimal(50_000), places=4)
bounds = st.none() | st.integers(1, 5_000_000).map(lambda ticks: Decimal(ticks) / 100)


@given(reference=prices, bps=st.integers(-5_000, 10_000), side=st.sampled_from(Side), one=bounds, other=bounds)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_floating_price_is_on_tick_in_bounds_and_never_worse_for_its_owner(
    reference: Decimal, bps: int, side: Side, one: Decimal | None, other: Decimal | None
) -> None:
    if one is not None and other is not None and one > other:
        one, other = other, one
    tick = Decimal("0.01")
    price = Float(bps, one, other).price(side, reference, tick)
    exact = reference * (10_000 + bps) / 10_000
    assert price > 0
    assert price % tick == 0
    assert one is None or price >= one
    assert other is None or price <= other
    if (one is None or exact > one) and (other is None or exact < other) and exact >= tick:
        assert abs(price - exact) < tick
        assert price >= exact if side is Side.SELL else price <= exact


def test_orders_follow_the_reference_within_their_bounds_and_keep_what_they_reserve(admin: User, seller: User) -> None:
    assert post_floating(seller, "1.25", 409)["code"] == "no_reference"
    assert auth_client(seller).get(f"/api/v1/markets/{SYMBOL}/reference").status_code == 404
    set_reference(admin, "0.92")
    order = post_floating(seller, "1.25", min_price="0.93", max_price="1")["order"]
    assert (order["price"], order["premium"], order["min_price"]) == ("0.94", "1.25", "0.93")  # 0.9315, rounded up
    below = post_floating(make_trader(), "-2")["order"]
    for reference, first, second in (("0.95", "0.97", "0.94"), ("0.90", "0.93", "0.89"), ("2", "1", "1.96")):
        told = set_reference(admin, reference)
        assert (told["price"], told["source"], told["stale"]) == (reference.rstrip("0"), "staff", False)
        assert (price_of(order), price_of(below)) == (Decimal(first), Decimal(second))
    assert asks() == [["1", "100.000000", 1], ["1.96", "100.000000", 1]]
    assert balance_of(seller) == (9_900, 100)
    assert audit() == []
    public = auth_client(admin).get(f"/api/v1/markets/{SYMBOL}/orders").json()["results"]
    assert {offer["premium"] for offer in public} == {"1.25", "-2.00"}
    assert not any("min_price" in offer for offer in public)  # his bounds are his own affair


def test_a_repriced_order_joins_the_end_of_its_level_and_trades_with_what_it_crosses(
    admin: User, seller: User, buyer: User
) -> None:
    set_reference(admin, "2")
    floating = [post_floating(owner, "0")["order"] for owner in (seller, make_trader())]
    fixed, _ = place(make_trader(), "sell", 1, 10)
    still = post_floating(seller, "-30", min_price="1")["order"]
    bid, _ = place(buyer, "buy", "0.9", 150, min_fill=Decimal(20))
    set_reference(admin, "1")
    assert price_of(still) == 1
    queue = Order.objects.filter(price=1).order_by("priority").values_list("id", flat=True)
    expected = [str(fixed.id), floating[0]["id"], floating[1]["id"], still["id"]]
    assert [str(pk) for pk in queue] == expected  # his who was dearer before moved behind
    set_reference(admin, "0.85")
    trades = Trade.objects.order_by("-amount").values_list("sell_order_id", "price", "amount", "taker_side")
    assert [(str(pk), price, amount, side) for pk, price, amount, side in trades] == [
        (floating[0]["id"], Decimal("0.9"), 100, "sell"),
        (floating[1]["id"], Decimal("0.9"), 50, "sell"),
    ]
    bid.refresh_from_db()
    assert bid.status == "filled"
    told = Event.objects.filter(stream_id=f"market:{SYMBOL}", type="reference_updated").values_list(
        "data__price", flat=True
    )
    assert list(told) == ["2", "1", "0.85"]
    assert audit() == []


def test_repricing_takes_as_many_statements_for_many_orders_as_for_one(admin: User, seller: User) -> None:
    def statements(price: str) -> int:
        client = auth_client(admin)
        with recorded() as sent:
            assert (
                client.put(f"/api/admin/markets/{SYMBOL}/reference", {"price": price}, format="json").status_code == 200
            )
        return len(sent)

    set_reference(admin, "1")
    post_floating(seller, "0", amount="1")
    for_one = statements("1.1")
    for _ in range(8):
        post_floating(seller, "0", amount="1")
    assert statements("1.2") == for_one
    assert asks() == [["1.2", "9.000000", 9]]


def test_a_stale_reference_takes_floating_orders_out_of_the_book_until_there_is_a_fresh_one(
    admin: User, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    set_reference(admin, "1", valid_seconds=600)
    order = post_floating(seller, "0")["order"]
    mine = post_floating(seller, "5")["order"]
    assert auth_client(seller).post(f"/api/v1/orders/{mine['id']}/pause").status_code == 200
    fixed, _ = place(seller, "sell", 3, 10)
    moved_clock.pass_by(599)
    assert pause_stale() == 0
    moved_clock.pass_by(1)
    assert post_floating(seller, "0", 409)["code"] == "no_reference"
    assert pause_stale() == 1
    assert pause_stale() == 0
    paused = auth_client(seller).get(f"/api/v1/orders/{order['id']}").json()
    assert (paused["status"], paused["paused_for"]) == ("paused", ["stale_reference"])
    assert auth_client(seller).get(f"/api/v1/markets/{SYMBOL}/reference").json()["stale"] is True
    assert asks() == [["3", "10.000000", 1]]
    assert place(buyer, "buy", 1, 10)[1] == []
    set_reference(admin, "1")
    assert Order.objects.get(pk=order["id"]).filled == 10  # the buyer waited
    still = auth_client(seller).get(f"/api/v1/orders/{mine['id']}").json()
    assert (still["status"], still["paused_for"]) == ("paused", ["by_owner"])
    fixed.refresh_from_db()
    assert fixed.version == 2
    assert audit() == []


def test_premium_and_bounds_are_amended(admin: User, seller: User) -> None:
    set_reference(admin, "1")
    order = post_floating(seller, "0")["order"]

    def amend(**body: Any) -> Any:
        return auth_client(seller).patch(f"/api/v1/orders/{order['id']}", body, format="json").json()

    assert amend(price="2")["code"] == "validation_error"
    assert (amend(premium="10")["price"], amend(max_price="1.05")["price"]) == ("1.1", "1.05")
    assert amend(min_price="1.06")["code"] == "validation_error"
    assert (amend(max_price=None)["price"], amend(amount="40")["remaining"]) == ("1.1", "40.000000")
    fixed, _ = place(seller, "sell", 3, 10)
    refused = auth_client(seller).patch(f"/api/v1/orders/{fixed.id}", {"premium": "1"}, format="json")
    assert refused.json()["code"] == "validation_error"
    assert balance_of(seller) == (9_950, 50)
    assert audit() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"price": "1"},
        {"premium": "101"},
        {"premium": "-50.01"},
        {"premium": "1.255"},
        {"premium": 1},
        {"premium": None},
        {"min_price": "2", "max_price": "1"},
        {"min_price": "1.005"},
        {"premium": None, "price": "1", "min_price": "1"},
        {"post_only": True},
        {"time_in_force": "IOC"},
    ],
)
def test_a_float_that_makes_no_sense_is_refused(fields: dict[str, Any], admin: User, seller: User) -> None:
    set_reference(admin, "1")
    body = {"market": SYMBOL, "side": "sell", "premium": "0", "amount": "100"} | fields
    answer = auth_client(seller).post("/api/v1/orders", body, format="json")
    assert answer.json()["code"] in {"validation_error", "price_not_on_tick"}
    assert not Order.objects.exists()
    assert balance_of(seller) == (10_000, 0)


def test_only_admins_set_a_reference(seller: User, admin: User) -> None:
    for who in (seller, make_user(role="support")):
        assert set_reference(who, "1", 403)["code"] == "permission_denied"
    assert set_reference(admin, "0", 400)["code"] == "validation_error"
    assert (
        auth_client(admin).put("/api/admin/markets/USDT-XXX/reference", {"price": "1"}, format="json").status_code
        == 404
    )
    assert not Reference.objects.exists()


# The feed.


class Provider:
    """A price feed that answers with `body`."""

    body: bytes = b"{}"
    status = 200
    url = ""


@contextmanager
def provider() -> Iterator[Provider]:
    said = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(said.status)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        said.url = f"http://127.0.0.1:{server.server_port}/usdt/{{quote_lower}}"
        yield said
        server.shutdown()


def test_a_feed_moves_the_reference_and_its_orders(
    market: Market, seller: User, buyer: User, admin: User, moved_clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with provider() as feed:
        follower = Follower(HttpFeed(feed.url, "tether.{quote_lower}"))
        feed.body = b'{"tether": {"eur": 0.921500000000000001}}'
        follow_prices(follower)
        reference = Reference.objects.get()
        assert (reference.price, reference.source) == (Decimal("0.92150000"), "feed")
        assert (reference.valid_until - moved_clock.time) == timedelta(seconds=120)
        order = post_floating(seller, "0")["order"]
        place(buyer, "buy", "0.9", 10)
        feed.body = b'{"tether": {"eur": 0.9}}'
        follow_prices(follower)
        assert Order.objects.get(pk=order["id"]).filled == 10  # it was matched, too
        events = Event.objects.count()
        moved_clock.pass_by(60)
        follow_prices(follower)  # the same again: it is good for longer, and nobody is told
        assert Event.objects.count() == events
        for number, body in enumerate(
            [b'{"tether": {"eur": 0.5}}', b"<html>", b'{"tether": {}}', b'{"tether": {"eur": -1}}']
        ):
            feed.body = body
            follow_prices(follower)
            assert len(caplog.records) == 1, number  # it is said once
        moved_clock.pass_by(120)
        assert pause_stale() == 1
        feed.body = b'{"tether": {"eur": 0.91}}'
        follow_prices(follower)
        assert "again" in caplog.records[-1].message
        assert Order.objects.get(pk=order["id"]).status == "open"
        set_reference(admin, "0.95")
        follow_prices(follower)
        assert Reference.objects.get().price == Decimal("0.95")  # what an admin says holds for its time
    assert audit() == []


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b'{"price": "NaN", "at": 0}', 200, "no price"),
        (b'{"price": "x", "at": 0}', 200, "no number"),
        (b'{"price": 1, "at": "soon"}', 200, "time"),
        (b'{"price": 1}', 200, "no at"),
        (b"[]", 200, "no price"),
        (b"x" * 1_000_001, 200, "too large"),
        (b'{"price": 1, "at": 0}', 500, "500"),
    ],
)
def test_an_answer_that_is_no_quote_is_not_believed(body: bytes, status: int, why: str, market: Market) -> None:
    with provider() as feed:
        feed.body, feed.status = body, status
        with pytest.raises(FeedFailed, match=why):
            HttpFeed(feed.url, "price", "at").quote(market)


def test_an_old_quote_is_not_taken_over(market: Market, moved_clock: MovedClock) -> None:
    with provider() as feed:
        for age, taken in ((121, False), (-3600, False), (60, True)):
            seen = moved_clock.time - timedelta(seconds=age)
            feed.body = f'{{"price": "1", "at": "{seen.isoformat()}"}}'.encode()
            assert Follower(HttpFeed(feed.url, "price", "at")).follow() == []
            assert Reference.objects.exists() is taken
    assert Reference.objects.get().valid_until == moved_clock.time + timedelta(seconds=60)


def test_floating_and_plain_orders_go_in_one_batch(admin: User, seller: User) -> None:
    set_reference(admin, "1")
    bodies = [
        {"market": SYMBOL, "side": "sell", "premium": "1", "amount": "10"},
        {"market": SYMBOL, "side": "sell", "price": "3", "amount": "10"},
        {"market": SYMBOL, "side": "sell", "amount": "10"},
    ]
    answer = auth_client(seller).post("/api/v1/orders/batch", {"orders": bodies}, format="json").json()["results"]
    assert [item["order"]["price"] if "order" in item else item["error"]["code"] for item in answer] == [
        "1.01",
        "3",
        "validation_error",
    ]
    assert new_order("sell", 1, 1).floats is None
