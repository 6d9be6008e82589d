"""Cancelling, amending, expiring, and the dead man's switch."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from iqx.core import clock
from iqx.core.errors import DomainError, Invalid
from iqx.core.events import market_stream, user_stream
from iqx.core.models import Event
from orders.matching import CloseReason, Side
from orders.models import CancelAfter, Market, Order
from orders.selectors import book_snapshot
from orders.services import (
    amend_order,
    arm_cancel_after,
    cancel_all,
    cancel_order,
    expire_orders,
    fire_cancel_after,
    place_orders,
)
from tests.factories.orders import SYMBOL, MovedClock, make_market, make_trader, new_order, place, take
from tests.factories.wallets import balance_of
from trades.matching_run import match_market
from trades.services import cancel_trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db


def types(stream: str) -> list[str]:
    return list(Event.objects.filter(stream=stream).order_by("seq").values_list("type", flat=True))


def test_cancelling_returns_what_is_not_filled(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    place(buyer, "buy", 1, 30)
    cancelled = cancel_order(order_id=order.id, owner_id=seller.id)
    assert (cancelled.status, cancelled.close_reason, cancelled.filled) == ("cancelled", "by_owner", 30)
    assert balance_of(seller) == (Decimal(9970), Decimal(30))
    assert book_snapshot(SYMBOL)["asks"] == []
    assert types(market_stream(SYMBOL))[-1] == "order_cancelled"
    assert audit() == []


def test_an_order_that_nobody_saw_leaves_in_silence(seller: User) -> None:
    order = place_orders(owner=seller, new=[new_order("sell", 1, 100)])[0].order
    assert order
    cancel_order(order_id=order.id, owner_id=seller.id)
    assert types(market_stream(SYMBOL)) == []
    assert "order_cancelled" in types(user_stream(seller.id))
    match_market(SYMBOL)
    assert Order.objects.get().status == "cancelled"


@pytest.mark.parametrize("ending", ["filled", "cancelled"])
def test_what_is_over_is_not_cancelled(ending: str, seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    if ending == "filled":
        place(buyer, "buy", 1, 100)
    else:
        cancel_order(order_id=order.id, owner_id=seller.id)
    events = Event.objects.count()
    with pytest.raises(DomainError) as refusal:
        cancel_order(order_id=order.id, owner_id=seller.id)
    assert (refusal.value.code, refusal.value.extra) == ("order_not_live", {"current_status": ending})
    assert Event.objects.count() == events


@pytest.mark.parametrize("use_case", [cancel_order, amend_order])
def test_a_stranger_finds_no_order(use_case: Any, seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    with pytest.raises(DomainError) as refusal:
        use_case(order_id=order.id, owner_id=buyer.id)
    assert refusal.value.code == "not_found"
    order.refresh_from_db()
    assert order.status == "open"


def test_staff_cancel_anybodys_order(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    cancel_order(order_id=order.id, owner_id=None, reason=CloseReason.BY_STAFF)
    order.refresh_from_db()
    assert (order.status, order.close_reason) == ("cancelled", "by_staff")
    assert balance_of(seller) == (Decimal(10000), Decimal(0))


def test_cancel_all_ends_ones_own_orders_alone(seller: User, buyer: User) -> None:
    make_market("USDT-USD")
    place(seller, "sell", 1, 10)
    place(seller, "buy", "0.5", 10)
    place(seller, "sell", 1, 10, market="USDT-USD")
    place(buyer, "buy", "0.5", 10)
    assert len(cancel_all(owner_id=seller.id, market=SYMBOL, side=Side.SELL)) == 1
    assert len(cancel_all(owner_id=seller.id, market=SYMBOL)) == 1
    assert len(cancel_all(owner_id=seller.id)) == 1
    assert cancel_all(owner_id=seller.id) == []
    assert Order.objects.get(owner=buyer).status == "open"
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert audit() == []


# Amending.


def amend(order: Order, **changes: Any) -> Order:
    numbers: dict[str, Any] = {name: Decimal(value) for name, value in changes.items()}
    amend_order(order_id=order.id, owner_id=order.owner_id, **numbers)
    match_market(order.market_id)
    order.refresh_from_db()
    return order


def first_in_queue() -> Order:
    return place(make_trader(0), "buy", 2, 1, time_in_force="FOK")[1][0].sell_order


def test_a_lower_amount_keeps_the_place_in_the_queue(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    place(make_trader(), "sell", 1, 100)
    amend(order, amount=40)
    assert (order.status, order.amount, order.reserved) == ("open", 40, 40)
    assert balance_of(seller) == (Decimal(9960), Decimal(40))
    assert book_snapshot(SYMBOL)["asks"] == [["1", "140.000000", 2]]
    assert first_in_queue() == order
    assert audit() == []


@pytest.mark.parametrize("change", [{"amount": 120}, {"price": "1.01"}])
def test_anything_else_joins_the_end(change: dict[str, Any], seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    rival, _ = place(make_trader(), "sell", change.get("price", 1), 100)
    amend(order, **change)
    assert order.status == "open"
    assert first_in_queue() == rival
    assert audit() == []


def test_a_new_price_may_trade_at_once(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", "1.10", 100)
    place(buyer, "buy", 1, 60)
    amend(order, price=1)
    assert (order.status, order.filled) == ("open", 60)
    assert audit() == []


def test_a_higher_amount_must_be_covered(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    before = Order.objects.filter(pk=order.pk).values().get()
    with pytest.raises(DomainError) as refusal:
        amend(order, amount=10_001)
    assert refusal.value.code == "insufficient_funds"
    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert balance_of(seller) == (Decimal(9900), Decimal(100))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 30}, "amount_below_filled"),
        ({"amount": "50.001"}, "amount_not_on_lot"),
        ({"amount": 60_000}, "amount_out_of_range"),
        ({"price": "1.001"}, "price_not_on_tick"),
    ],
)
def test_an_amendment_keeps_the_rules(change: dict[str, Any], code: str, seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    place(buyer, "buy", 1, 30)
    before = Order.objects.filter(pk=order.pk).values().get()
    with pytest.raises(DomainError) as refusal:
        amend(order, **change)
    assert refusal.value.code == code
    assert Order.objects.filter(pk=order.pk).values().get() == before


def test_an_amendment_to_the_same_changes_nothing(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    before = (order.version, Event.objects.count())
    amend(order, price=1, amount=100)
    assert (order.version, Event.objects.count()) == before


def test_a_smallest_fill_shrinks_with_the_amount(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100, min_fill=50)
    assert amend(order, amount=20).min_fill == 20


@pytest.mark.parametrize("amounts", [("66.67", "33.34"), ("99.99", "50.01"), ("33.35", "66.66")])
def test_no_amendment_leaves_a_sale_short_of_its_fees(amounts: tuple[str, str], db: None) -> None:
    """Fees are rounded down fill by fill, so the parts' may be less than the whole's when a trade's comes back."""
    make_market(maker_fee=Decimal("0.0001"), taker_fee=Decimal("0.00777"), lot_size=Decimal("0.000001"))
    order, _ = place(make_trader(200), "sell", 1, "120.000001")
    _, (trade,) = place(make_trader(0), "buy", 1, "33.333333")
    for amount in amounts:
        amend(order, amount=amount)
    cancel_trade(trade_id=trade.id, actor_id=trade.buyer_id)
    place(make_trader(0), "buy", 1, "200")
    match_market(SYMBOL)
    order.refresh_from_db()
    assert (order.status, order.reserved) == ("filled", 0)
    assert audit() == []


def test_an_amount_comes_back_while_its_order_waits_to_be_matched_again(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    _, (trade,) = place(buyer, "buy", 1, 40)
    amend_order(order_id=order.id, owner_id=seller.id, price=Decimal("1.01"))
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    match_market(SYMBOL)
    assert book_snapshot(SYMBOL)["asks"] == [["1.01", "100.000000", 1]]
    assert audit() == []


# Time.


def test_dated_orders_expire(seller: User, moved_clock: MovedClock) -> None:
    order, _ = place(seller, "sell", 1, 100, time_in_force="GTD", expires_at=clock.now() + timedelta(minutes=5))
    place(seller, "sell", 1, 50)
    moved_clock.pass_by(299)
    assert expire_orders() == 0
    moved_clock.pass_by(1)
    assert expire_orders() == 1
    order.refresh_from_db()
    assert (order.status, order.close_reason) == ("expired", "time_is_up")
    assert balance_of(seller) == (Decimal(9950), Decimal(50))
    assert types(market_stream(SYMBOL))[-1] == "order_expired"
    assert audit() == []


def test_an_order_over_its_time_is_no_offer(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    order, _ = place(seller, "sell", 1, 100, time_in_force="GTD", expires_at=clock.now() + timedelta(minutes=5))
    moved_clock.pass_by(301)
    with pytest.raises(DomainError) as refusal:
        take(buyer, order, 10)
    assert refusal.value.code == "offer_changed"


def test_the_dead_mans_switch_cancels_what_its_owner_left(seller: User, moved_clock: MovedClock) -> None:
    place(seller, "sell", 1, 100)
    assert arm_cancel_after(user_id=seller.id, seconds=60) == moved_clock.time + timedelta(seconds=60)
    moved_clock.pass_by(59)
    assert fire_cancel_after() == 0
    moved_clock.pass_by(1)
    assert fire_cancel_after() == 1
    assert Order.objects.get().close_reason == "cancel_after"
    assert fire_cancel_after() == 0


def test_a_switch_that_is_armed_again_waits_longer(seller: User, moved_clock: MovedClock) -> None:
    place(seller, "sell", 1, 100)
    arm_cancel_after(user_id=seller.id, seconds=60)
    moved_clock.pass_by(50)
    arm_cancel_after(user_id=seller.id, seconds=60)
    moved_clock.pass_by(50)
    assert fire_cancel_after() == 0
    assert Order.objects.get().status == "open"


def test_a_switch_can_be_disarmed(seller: User, moved_clock: MovedClock) -> None:
    place(seller, "sell", 1, 100)
    arm_cancel_after(user_id=seller.id, seconds=60)
    assert arm_cancel_after(user_id=seller.id, seconds=0) is None
    moved_clock.pass_by(3600)
    assert fire_cancel_after() == 0
    assert not CancelAfter.objects.exists()


@pytest.mark.parametrize("seconds", [-1, 86_401])
def test_a_switch_has_its_bounds(seconds: int, seller: User) -> None:
    with pytest.raises(Invalid):
        arm_cancel_after(user_id=seller.id, seconds=seconds)
    assert not CancelAfter.objects.exists()


def test_cancelling_goes_on_in_a_halted_market(seller: User, market: Market) -> None:
    order, _ = place(seller, "sell", 1, 100)
    Market.objects.update(status=Market.Status.HALTED)
    cancel_order(order_id=order.id, owner_id=seller.id)
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
