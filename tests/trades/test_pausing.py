"""Orders that are out of the book for a while: by their owner's wish, or outside of his hours."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from iqx.core.models import Event
from orders.hours import keep_hours
from orders.models import OpeningHours, Order
from orders.selectors import book_snapshot
from orders.services import expire_orders
from tests.factories.accounts import auth_client
from tests.factories.orders import SYMBOL, MovedClock, bring_to, make_trader, place
from tests.factories.wallets import balance_of
from trades.matching_run import match_market
from wallets.audit import audit

pytestmark = pytest.mark.django_db


def post(owner: User, path: str, body: Any = None, status: int = 200) -> Any:
    answer = auth_client(owner).post(f"/api/v1/orders/{path}", body, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def asks() -> list[Any]:
    return list(book_snapshot(SYMBOL)["asks"])


def told_of(order: Order) -> list[tuple[str, Any]]:
    """What the market was told of the order, and what that did to the book."""
    events = Event.objects.filter(stream_id=f"market:{SYMBOL}").order_by("seq")
    return [
        (f"{event.type} {event.data['status']}", event.book)
        for event in events
        if event.data.get("id") == str(order.id)
    ]


def test_a_paused_order_leaves_the_book_keeps_its_funds_and_comes_back_last(seller: User, buyer: User) -> None:
    first, _ = place(seller, "sell", 1, 100)
    second, _ = place(make_trader(), "sell", 1, 100)
    paused = post(seller, f"{first.id}/pause")
    assert (paused["status"], paused["paused_for"], paused["version"]) == ("paused", ["by_owner"], 3)
    assert post(seller, f"{first.id}/pause")["version"] == 3  # once is enough
    assert asks() == [["1", "100.000000", 1]]
    assert balance_of(seller) == (9_900, 100)
    taken = auth_client(buyer).post(f"/api/v1/orders/{first.id}/take", {"amount": "10", "version": 3}, format="json")
    assert (taken.status_code, taken.json()["code"]) == (409, "offer_paused")
    assert taken.json()["reasons"] == ["by_owner"]
    assert auth_client(buyer).get(f"/api/v1/markets/{SYMBOL}/orders").json()["results"][0]["id"] == str(second.id)
    assert place(buyer, "buy", 1, 10)[1][0].sell_order_id == second.id

    resumed = post(seller, f"{first.id}/resume")
    assert (resumed["status"], resumed["paused_for"]) == ("open", [])
    assert place(buyer, "buy", 1, 10)[1][0].sell_order_id == second.id  # the other is older now
    assert told_of(first) == [
        ("order_created open", [["sell", "1", "100.000000", 1]]),
        ("order_updated paused", [["sell", "1", "-100.000000", -1]]),
        ("order_updated open", [["sell", "1", "100.000000", 1]]),
    ]
    assert audit() == []


def test_all_are_paused_and_resumed_at_once_and_match_what_came_meanwhile(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100)
    place(seller, "sell", 2, 100)
    assert [order["status"] for order in post(seller, "pause-all", {})["orders"]] == ["paused", "paused"]
    bid, trades = place(buyer, "buy", 1, 30)
    assert trades == []
    assert asks() == []
    resumed = post(seller, "resume-all", {"side": "sell"})["orders"]
    assert [(order["status"], order["filled"]) for order in resumed] == [("open", "30.000000"), ("open", "0.000000")]
    bid.refresh_from_db()
    assert bid.status == "filled"
    assert audit() == []


def test_a_paused_order_is_cancelled_amended_and_expires_as_any_other(seller: User, moved_clock: MovedClock) -> None:
    order, _ = place(seller, "sell", 1, 100)
    post(seller, f"{order.id}/pause")
    amended = auth_client(seller).patch(f"/api/v1/orders/{order.id}", {"price": "2", "amount": "50"}, format="json")
    assert (amended.json()["status"], amended.json()["price"], amended.json()["remaining"]) == (
        "paused",
        "2",
        "50.000000",
    )
    assert balance_of(seller) == (9_950, 50)
    cancelled = post(seller, f"{order.id}/cancel")
    assert (cancelled["status"], cancelled["paused_for"]) == ("cancelled", [])
    assert balance_of(seller) == (10_000, 0)
    for change in ("pause", "resume"):
        assert post(seller, f"{order.id}/{change}", status=409)["code"] == "order_not_live"
    stranger = make_trader()
    assert post(stranger, f"{order.id}/pause", status=404)["code"] == "not_found"

    ends = moved_clock.time.replace(microsecond=0)
    moved_clock.pass_by(-60)
    dated, _ = place(seller, "sell", 1, 100, time_in_force="GTD", expires_at=ends)
    post(seller, f"{dated.id}/pause")
    moved_clock.pass_by(120)
    assert expire_orders() == 1
    dated.refresh_from_db()
    assert (dated.status, dated.paused_for) == ("expired", None)
    assert audit() == []


def test_what_a_failed_trade_gives_back_stays_paused(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    _, (trade,) = place(buyer, "buy", 1, 30)
    post(seller, f"{order.id}/pause")
    bring_to(trade, "cancelled")
    match_market(SYMBOL)
    order.refresh_from_db()
    assert (order.status, order.filled, order.reserved) == ("paused", 0, 100)
    told = Event.objects.filter(stream_id=f"user:{seller.id}", type="order_updated").order_by("-seq")[0].data
    assert (told["status"], told["remaining"]) == ("paused", "100.000000")
    assert audit() == []


# Opening hours.

MONDAY_TO_FRIDAY = [
    {"day": day, "from": "09:00", "to": "17:00"} for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
]


def put_hours(owner: User, status: int = 200, **body: Any) -> Any:
    wanted = {"time_zone": "Europe/Berlin", "windows": MONDAY_TO_FRIDAY} | body
    answer = auth_client(owner).put("/api/v1/opening-hours", wanted, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026 begins on a Sunday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))


def test_a_merchants_orders_are_in_the_book_in_his_hours_only(
    seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    moved_clock.time = berlin(2, 16)
    order, _ = place(seller, "sell", 1, 100)
    hours = put_hours(seller)
    assert (hours["is_open"], hours["changes_at"]) == (True, "2026-11-02T16:00:00.000000Z")
    assert hours["windows"] == MONDAY_TO_FRIDAY
    moved_clock.time = berlin(2, 16, 59)
    assert keep_hours() == 0
    moved_clock.time = berlin(2, 17)
    assert keep_hours() == 1
    order.refresh_from_db()
    assert (order.status, order.paused_for) == ("paused", ["outside_hours"])
    taken = auth_client(buyer).post(
        f"/api/v1/orders/{order.id}/take", {"amount": "10", "version": order.version}, format="json"
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "offer_paused")
    assert (taken.json()["reasons"], taken.json()["opens_at"]) == (["outside_hours"], "2026-11-03T08:00:00.000000Z")
    assert keep_hours() == 0

    late, _ = place(seller, "sell", 3, 100)  # he is there, so it may trade; what is left doesn't wait in the book
    assert keep_hours() == 1
    late.refresh_from_db()
    assert late.status == "paused"
    post(seller, f"{late.id}/pause")
    moved_clock.time = berlin(3, 9)
    assert keep_hours() == 1
    match_market(SYMBOL)
    states = Order.objects.order_by("price").values_list("status", "paused_for")
    assert list(states) == [("open", None), ("paused", ["by_owner"])]
    assert post(seller, f"{late.id}/resume")["status"] == "open"
    assert audit() == []


def test_hours_are_dropped(seller: User, moved_clock: MovedClock) -> None:
    client = auth_client(seller)
    assert client.get("/api/v1/opening-hours").json()["is_open"] is True
    moved_clock.time = berlin(2, 20)
    order, _ = place(seller, "sell", 1, 100)
    assert put_hours(seller)["is_open"] is False
    order.refresh_from_db()
    assert order.status == "paused"
    assert client.get("/api/v1/opening-hours").json()["time_zone"] == "Europe/Berlin"
    assert client.delete("/api/v1/opening-hours").status_code == 204
    order.refresh_from_db()
    assert (order.status, OpeningHours.objects.count()) == ("open", 0)


@pytest.mark.parametrize(
    "body",
    [
        {"time_zone": "Mars/Olympus"},
        {"windows": [{"day": "someday", "from": "09:00", "to": "10:00"}]},
        {"windows": [{"day": "monday", "from": "24:00", "to": "10:00"}]},
        {"windows": [{"day": "monday", "from": "9:00", "to": "10:00"}]},
        {"windows": [{"day": "monday", "to": "10:00"}]},
        {"windows": [{"day": "monday", "from": "09:00", "to": "10:00"}] * 29},
        {"windows": "always"},
    ],
)
def test_hours_that_make_no_sense_are_refused(body: dict[str, Any], seller: User) -> None:
    assert put_hours(seller, 400, **body)["code"] == "validation_error"
    assert not OpeningHours.objects.exists()
