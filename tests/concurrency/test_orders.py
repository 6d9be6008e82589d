"""Races for orders, with real threads and real commits; the controls show what happens with the row locks off."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import User
from iqx.core import clock
from iqx.core.transactions import unit_of_work, use_case
from orders import acceptance, book, services
from orders.floating import pause_stale, set_reference
from orders.hours import set_hours
from orders.models import CancelAfter, Order, Reference
from orders.pausing import pause_order
from orders.placing import Placement
from orders.services import amend_order, cancel_all, cancel_order, place_orders
from tests.concurrency.races import PATIENCE_S, meet_after, meet_before_writing_orders, outcomes
from tests.factories.accounts import auth_client
from tests.factories.orders import SYMBOL, bring_to, make_market, make_trader, new_order, place, take
from tests.factories.racing import at_once
from tests.factories.wallets import balance_of, withdraw
from trades.matching_run import match_market
from trades.models import Trade
from wallets.audit import audit
from wallets.ledger import lock_wallets

pytestmark = pytest.mark.django_db(transaction=True)


def traded() -> Decimal:
    return sum(Trade.objects.values_list("amount", flat=True), Decimal(0))


def test_many_buyers_share_one_order_and_never_get_more_than_it_has(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 100)
    buyers = [make_trader(0) for _ in range(8)]
    at_once([partial(place, buyer, "buy", 1, 30, time_in_force="IOC") for buyer in buyers])
    order.refresh_from_db()
    assert (order.status, order.filled) == ("filled", 100)
    assert sorted(Trade.objects.values_list("amount", flat=True)) == [10, 30, 30, 30]
    assert balance_of(seller) == (Decimal(9900), Decimal(100))
    assert audit() == []


def test_the_last_piece_goes_to_one_buyer(seller: User) -> None:
    place(seller, "sell", 1, 100)
    buyers = [make_trader(0) for _ in range(8)]
    results = at_once([partial(place, buyer, "buy", 1, 100, time_in_force="FOK") for buyer in buyers])
    assert sorted(order.status for order, _ in results) == ["cancelled"] * 7 + ["filled"]
    assert Trade.objects.count() == 1
    assert audit() == []


def test_of_two_who_take_an_offer_one_gets_it(seller: User) -> None:
    offer, _ = place(seller, "sell", 1, 100, min_fill=100)
    results = at_once([partial(take, make_trader(0), offer, 100) for _ in range(2)])
    ends = sorted(getattr(result, "code", None) or result[0].status for result in results)
    assert ends in (["cancelled", "filled"], ["filled", "offer_changed"])
    assert Trade.objects.count() == 1
    assert audit() == []


def placed_only(owner: User, side: str, amount: int) -> Order:
    """A pending order, which nobody has matched yet."""
    order = place_orders(owner=owner, new=[new_order(side, 1, amount)])[0].order
    assert order
    return order


def test_two_matching_runs_at_once_match_once(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100)
    placed_only(buyer, "buy", 100)
    at_once([partial(match_market, SYMBOL)] * 4)
    assert traded() == 100
    assert audit() == []


def test_control_without_locks_the_same_usdt_is_sold_twice(
    seller: User, buyer: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(seller, "sell", 1, 100)
    placed_only(buyer, "buy", 100)
    meet_before_writing_orders(monkeypatch)
    at_once([partial(match_market, SYMBOL)] * 2)
    assert traded() == 200
    assert [finding.check for finding in audit()] == ["locked_funds"]


def cancelling(order: Order) -> Any:
    return cancel_order(order_id=order.id, owner_id=order.owner_id)


def cancelling_all(order: Order) -> Any:
    return cancel_all(owner_id=order.owner_id)


def shrinking(order: Order) -> Any:
    return amend_order(order_id=order.id, owner_id=order.owner_id, amount=Decimal(10))


def pausing(order: Order) -> Any:
    return pause_order(order_id=order.id, owner_id=order.owner_id)


def outside_hours(order: Order) -> Any:
    return set_hours(user_id=order.owner_id, time_zone="UTC", windows=[])


def repricing(order: Order) -> Any:
    """The order floats at the reference, which moves out of the buyer's reach."""
    return set_reference(symbol=SYMBOL, price=Decimal(2), actor=None, valid_for=timedelta(minutes=1))


def going_stale(order: Order) -> Any:
    return pause_stale()


def floating_at_one(order: Order) -> None:
    now = clock.now()
    Order.objects.filter(pk=order.id).update(premium_bps=0)
    Reference.objects.create(
        pk=SYMBOL, price=1, source="feed", at=now - timedelta(hours=1), valid_until=now - timedelta(seconds=1)
    )


against_matching = pytest.mark.parametrize("change", [cancelling, cancelling_all, shrinking])
taking_it_out = pytest.mark.parametrize("change", [pausing, outside_hours, repricing, going_stale])


@taking_it_out
@pytest.mark.parametrize("attempt", range(2))
def test_an_order_is_either_taken_out_of_the_book_or_matched(
    change: Callable[[Order], Any], attempt: int, seller: User, buyer: User
) -> None:
    order, _ = place(seller, "sell", 1, 100)
    floating_at_one(order)
    placed_only(buyer, "buy", 40)
    at_once([partial(change, order), partial(match_market, SYMBOL)])
    match_market(SYMBOL)
    order.refresh_from_db()
    assert traded() in {0, 40}
    assert order.filled == traded()
    assert (order.status, order.price) == (("open", 2) if change is repricing else ("paused", 1))
    assert balance_of(seller) == (9_900, 100)
    assert audit() == []


@taking_it_out
def test_control_without_locks_what_was_filled_is_forgotten_or_the_order_stays_in_the_book(
    change: Callable[[Order], Any],
    seller: User,
    buyer: User,
    without_locks: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a paused order would be put back unawares, a CHECK is what is left to stop it."""
    order, _ = place(seller, "sell", 1, 100)
    floating_at_one(order)
    placed_only(buyer, "buy", 40)
    meet_before_writing_orders(monkeypatch)
    ends = at_once([partial(change, order), partial(match_market, SYMBOL)])
    order.refresh_from_db()
    out_of_the_book = order.status != "open" or order.price == 2
    is_sound = traded() == order.filled == 40 and out_of_the_book
    assert not is_sound
    assert traded() == 40 or "IntegrityError" in {type(end).__name__ for end in ends}


def test_an_offer_is_taken_as_it_was_seen_or_not_at_all(seller: User) -> None:
    """Against amending, pausing and a new reference at the same moment."""
    for change in (dearer, pausing, repricing):
        offer, _ = place(seller, "sell", 1, 100)
        if change is repricing:
            floating_at_one(offer)
        taken, _ = at_once([partial(take, make_trader(0), offer, 40), partial(change, offer)])
        code = getattr(taken, "code", None)
        trades = Trade.objects.filter(sell_order_id=offer.id)
        if code or taken[0].status == "cancelled":
            assert code in {None, "offer_changed", "offer_paused"}
            assert not trades.exists()
        else:
            assert [(trade.price, trade.amount) for trade in trades] == [(1, 40)]
    assert audit() == []


def dearer(order: Order) -> Any:
    return amend_order(order_id=order.id, owner_id=order.owner_id, price=Decimal(3))


@against_matching
@pytest.mark.parametrize("attempt", range(3))
def test_an_order_is_either_changed_or_matched(
    change: Callable[[Order], Any], attempt: int, seller: User, buyer: User
) -> None:
    order, _ = place(seller, "sell", 1, 100)
    placed_only(buyer, "buy", 100)
    changed, _ = at_once([partial(change, order), partial(match_market, SYMBOL)])
    order.refresh_from_db()
    left = {"cancelled": 0, "filled": 100, "open": 10}[order.status] if order.amount == 100 else 10
    assert traded() == left
    if traded() == 100:
        assert changed == [] or changed.code == "order_not_live"
    assert balance_of(seller)[1] == traded()
    assert audit() == []


@against_matching
def test_control_without_locks_an_order_is_changed_and_matched(
    change: Callable[[Order], Any],
    seller: User,
    buyer: User,
    without_locks: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its funds are given back, and sold as well."""
    order, _ = place(seller, "sell", 1, 100)
    placed_only(buyer, "buy", 100)
    meet_before_writing_orders(monkeypatch)
    at_once([partial(change, order), partial(match_market, SYMBOL)])
    assert traded() == 100
    assert balance_of(seller)[1] < 100
    assert [finding.check for finding in audit()] == ["locked_funds"]


def test_cancel_all_and_placing_leave_every_order_whole(seller: User) -> None:
    calls = [partial(place, seller, "sell", 1, 10) for _ in range(6)] + [partial(cancel_all, owner_id=seller.id)] * 3
    assert not [result for result in at_once(calls) if isinstance(result, Exception)]
    still_open = Order.objects.filter(status="open").count()
    assert Order.objects.filter(status="cancelled").count() == 6 - still_open
    assert balance_of(seller)[1] == 10 * still_open
    assert audit() == []


def test_cancel_all_leaves_alone_what_came_to_a_market_that_it_has_not_locked(
    seller: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such an order may be in somebody's matching run at this moment."""
    make_market("USDT-USD")
    place(seller, "sell", 1, 10)
    lock_books = book.lock_books

    def place_elsewhere_then_lock(symbols: list[str]) -> Any:
        at_once([partial(place_orders, owner=seller, new=[new_order("sell", 1, 20, market="USDT-USD")])])
        return lock_books(symbols)

    monkeypatch.setattr(services, "lock_books", place_elsewhere_then_lock)
    cancelled = cancel_all(owner_id=seller.id)
    assert [order.market_id for order in cancelled] == [SYMBOL]
    assert Order.objects.get(market="USDT-USD").status == "pending"
    assert audit() == []


def sale_of_everything(owner: User) -> Placement:
    return place_orders(owner=owner, new=[new_order("sell", 1, 100)])[0]


def test_funds_are_either_withdrawn_or_sold(market: Any) -> None:
    owner = make_trader(100)
    withdrawal, placement = at_once([partial(withdraw, owner, 99), partial(sale_of_everything, owner)])
    codes = {getattr(withdrawal, "code", "done"), placement.error.code if placement.error else "done"}
    assert codes == {"done", "insufficient_funds"}
    assert balance_of(owner) == (Decimal(0), Decimal(100))
    assert audit() == []


def test_funds_are_sold_once(market: Any) -> None:
    owner = make_trader(100)
    placements = at_once([partial(sale_of_everything, owner)] * 4)
    assert [placement.error is None for placement in placements].count(True) == 1
    assert balance_of(owner) == (Decimal(0), Decimal(100))
    assert audit() == []


def test_control_without_locks_both_sales_pass_the_check(
    market: Any, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is refused for lack of funds; only the ledger itself stops the second."""
    owner = make_trader(100)
    meet_after(monkeypatch, acceptance, "fault_of")
    assert outcomes([partial(sale_of_everything, owner)] * 2) == ["IntegrityError", "Placement"]
    assert audit() == []


def test_one_client_order_id_used_at_once_makes_one_order(seller: User) -> None:
    results = at_once([partial(place, seller, "sell", 1, 10, client_order_id="mine")] * 6)
    assert len({order.id for order, _ in results}) == 1
    assert Order.objects.count() == 1
    assert balance_of(seller) == (Decimal(9990), Decimal(10))
    assert audit() == []


def test_control_without_locks_a_unique_key_stops_the_second_client_order_id(
    seller: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_after(monkeypatch, acceptance, "fault_of")
    calls = [partial(place, seller, "sell", 1, 10, client_order_id="mine")] * 2
    assert outcomes(calls)[0] == "IntegrityError"
    assert Order.objects.count() == 1


def post_order(owner: User, key: str) -> Any:
    body = {"market": SYMBOL, "side": "sell", "price": "1", "amount": "10"}
    client = auth_client(owner)
    return partial(client.post, "/api/v1/orders", body, format="json", headers={"Idempotency-Key": key})


def test_one_idempotency_key_used_at_once_places_one_order(seller: User) -> None:
    """The others are answered with the same order, or told to come back for the answer."""
    responses = at_once([post_order(seller, "the-same") for _ in range(6)])
    assert Order.objects.count() == 1
    placed = str(Order.objects.get().id)
    for response in responses:
        assert response.status_code in {201, 409}
        if response.status_code == 201:
            assert response.json()["order"]["id"] == placed
        else:
            assert response.json()["code"] == "idempotency_in_progress"
    assert 201 in {response.status_code for response in responses}
    assert audit() == []


def test_control_other_keys_place_other_orders(seller: User) -> None:
    responses = at_once([post_order(seller, f"key-{number}") for number in range(4)])
    assert {response.status_code for response in responses} == {201}
    assert Order.objects.count() == 4


def test_the_dead_mans_switch_and_matching_leave_the_books_clean(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100)
    order_id: UUID = placed_only(buyer, "buy", 60).id
    services.arm_cancel_after(user_id=seller.id, seconds=1)
    use_case(lambda: CancelAfter.objects.update(due_at="2020-01-01T00:00:00Z"))()
    at_once([services.fire_cancel_after, services.fire_cancel_after, partial(match_market, SYMBOL)])
    assert Order.objects.get(pk=order_id).status in {"open", "filled"}
    assert not Order.objects.filter(owner=seller, status__in=Order.LIVE).exists()
    assert audit() == []


def test_change_of_a_maker_whose_wallet_is_held_stays_with_the_trade(buyer: User) -> None:
    """Waiting for it could be waiting in a circle; it comes back when the trade ends."""
    make_market("USDT-GBP", maker_fee=Decimal("0.01"), taker_fee=Decimal("0.02"))
    seller = make_trader(102)
    place(seller, "sell", 1, 100, market="USDT-GBP")
    with holding_wallet(seller):
        _, (trade,) = place(buyer, "buy", 1, 100, market="USDT-GBP")
    assert (trade.seller_fee, trade.escrow) == (1, 102)
    assert balance_of(seller) == (0, 102)
    assert audit() == []
    bring_to(trade, "released")
    assert balance_of(seller) == (1, 0)
    assert audit() == []


@contextmanager
def holding_wallet(owner: User) -> Iterator[None]:
    """Somebody else's transaction has the wallet for the length of a `with` block."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with unit_of_work():
                lock_wallets([owner.id])
                locked.set()
                done.wait(PATIENCE_S)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(PATIENCE_S)
    try:
        yield
    finally:
        done.set()
        thread.join()
