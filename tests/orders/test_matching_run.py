"""What becomes of orders when they meet the book."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from iqx.core import clock
from iqx.core.errors import DomainError
from iqx.core.events import market_stream
from iqx.core.models import Event
from orders.errors import OfferChanged, OwnOffer
from orders.models import Book, Market, Order
from orders.selectors import book_snapshot
from orders.services import amend_order, cancel_order, place_orders, take_offer
from tests.factories.orders import SYMBOL, MovedClock, make_trader, new_order, place, place_batch, take
from tests.factories.wallets import balance_of
from trades import matching_run
from trades.matching_run import match_market
from trades.models import Trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db


def fills() -> list[tuple[Decimal, Decimal]]:
    """(price, amount) of every trade."""
    return sorted(Trade.objects.values_list("price", "amount"))


def told_to_the_market() -> list[str]:
    return list(Event.objects.filter(stream=market_stream(SYMBOL)).order_by("seq").values_list("type", flat=True))


def test_the_best_price_comes_first_and_then_the_oldest(seller: User, buyer: User) -> None:
    for price, amount in (("1.02", 10), ("1.01", 20), ("1.01", 30)):
        place(seller, "sell", price, amount)
    order, trades = place(buyer, "buy", "1.05", 55)
    assert order.status == "filled"
    assert {(trade.sell_order.amount, trade.price, trade.amount) for trade in trades} == {
        (20, Decimal("1.01"), 20),
        (30, Decimal("1.01"), 30),
        (10, Decimal("1.02"), 5),
    }
    assert Book.objects.get(pk=SYMBOL).last_price == Decimal("1.02")


def test_what_is_not_filled_rests(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 30)
    order, _ = place(buyer, "buy", 1, 100)
    assert (order.status, order.remaining) == ("open", 70)
    assert book_snapshot(SYMBOL)["bids"] == [["1", "70.000000", 1]]


def test_nobody_trades_with_himself(seller: User) -> None:
    place(seller, "sell", 1, 10)
    order, trades = place(seller, "buy", 1, 10)
    assert (order.status, trades) == ("open", [])


@pytest.mark.parametrize(
    ("maker", "taker", "agreed"),
    [
        ((), (), None),
        (("sepa", "cash"), (), "sepa"),
        ((), ("cash",), "cash"),
        (("sepa", "cash"), ("cash", "sepa"), "sepa"),
    ],
)
def test_the_payment_method_is_the_makers_first_that_suits_both(
    maker: tuple[str, ...], taker: tuple[str, ...], agreed: str | None, seller: User, buyer: User
) -> None:
    place(seller, "sell", 1, 10, payment_methods=maker)
    (trade,) = place(buyer, "buy", 1, 10, payment_methods=taker)[1]
    assert trade.payment_method == agreed


def test_without_a_common_payment_method_there_is_no_trade(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 10, payment_methods=("sepa",))
    order, trades = place(buyer, "buy", 1, 10, payment_methods=("cash",))
    assert (order.status, trades) == ("open", [])


# Times in force.


def test_an_immediate_order_takes_what_is_there_and_ends(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 30)
    order, trades = place(buyer, "buy", 1, 100, time_in_force="IOC")
    assert (order.status, order.close_reason, order.filled, len(trades)) == ("cancelled", "ioc_remainder", 30, 1)


def test_an_all_or_nothing_sale_that_is_not_filled_returns_its_funds(seller: User, buyer: User) -> None:
    place(buyer, "buy", 1, 30)
    order, trades = place(seller, "sell", 1, 100, time_in_force="FOK")
    assert (order.status, order.close_reason, order.filled, trades) == ("cancelled", "fok_unfilled", 0, [])
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert Order.objects.get(side="buy").filled == 0
    assert audit() == []


def test_an_all_or_nothing_order_may_be_filled_by_several(buyer: User, market: Market) -> None:
    for amount in (30, 30, 40):
        place(make_trader(100), "sell", 1, amount)
    order, trades = place(buyer, "buy", 1, 100, time_in_force="FOK")
    assert (order.status, len(trades)) == ("filled", 3)


def test_a_post_only_order_rests_or_is_cancelled(seller: User, buyer: User) -> None:
    assert place(seller, "sell", 1, 10, post_only=True)[0].status == "open"
    order, trades = place(buyer, "buy", 1, 10, post_only=True)
    assert (order.status, order.close_reason, trades) == ("cancelled", "post_only_would_trade", [])
    assert fills() == []


def test_a_dated_order_that_is_over_does_not_trade(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    place(seller, "sell", 1, 10, time_in_force="GTD", expires_at=clock.now() + timedelta(minutes=5))
    moved_clock.pass_by(301)
    order, trades = place(buyer, "buy", 1, 10)
    assert (order.status, trades) == ("open", [])


def test_a_dated_order_may_be_over_before_it_is_matched(seller: User, moved_clock: MovedClock) -> None:
    new = new_order("sell", 1, 10, time_in_force="GTD", expires_at=clock.now() + timedelta(minutes=5))
    place_orders(owner=seller, new=[new])
    moved_clock.pass_by(301)
    match_market(SYMBOL)
    assert Order.objects.get().status == "expired"
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert told_to_the_market() == []


# Smallest fills.


def test_a_fill_is_not_below_either_sides_minimum(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100, min_fill=50)
    assert place(buyer, "buy", 1, 49)[1] == []
    assert [trade.amount for trade in place(buyer, "buy", 1, 60)[1]] == [60]


def test_what_is_left_below_the_minimum_trades_whole(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100, min_fill=50)
    place(buyer, "buy", 1, 70)
    assert place(buyer, "buy", 1, 29)[1] == []
    assert [trade.amount for trade in place(make_trader(0), "buy", 1, 31)[1]] == [30]


def test_a_maker_that_comes_below_its_minimum_meets_those_who_were_too_small(seller: User, buyer: User) -> None:
    """A crossed book that nobody uncrosses would be a standing invitation to jump the queue."""
    place(seller, "sell", 1, 100, min_fill=50)
    small, _ = place(make_trader(0), "buy", 1, 40)
    place(buyer, "buy", 1, 70)
    small.refresh_from_db()
    assert (small.filled, fills()) == (30, [(1, 30), (1, 70)])
    assert book_snapshot(SYMBOL)["asks"] == []
    assert audit() == []


def test_a_taker_that_comes_below_its_minimum_meets_those_who_were_too_small(seller: User, buyer: User) -> None:
    small, _ = place(make_trader(), "sell", "0.99", 40)
    place(seller, "sell", 1, 70)
    order, _ = place(buyer, "buy", 1, 100, min_fill=50)
    small.refresh_from_db()
    assert (order.status, small.filled) == ("filled", 30)


def test_an_order_amended_below_its_minimum_meets_those_who_were_too_small(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100, min_fill=50)
    place(buyer, "buy", 1, 60)
    place(make_trader(0), "buy", 1, 30, min_fill=25)
    amend_order(order_id=order.id, owner_id=seller.id, amount=Decimal(85))
    match_market(SYMBOL)
    order.refresh_from_db()
    assert (order.status, order.filled) == ("filled", 85)
    assert audit() == []


# Taking one given offer.


def test_a_taken_offer_trades_though_a_better_one_is_there(seller: User, buyer: User) -> None:
    place(make_trader(), "sell", "0.99", 100)
    offer, _ = place(seller, "sell", 1, 100)
    order, (trade,) = take(buyer, offer, 40)
    assert (order.status, trade.sell_order_id, trade.price, trade.amount) == ("filled", offer.id, 1, 40)


@pytest.mark.parametrize(
    ("amount", "options", "code"),
    [
        (101, {}, "offer_incompatible"),
        (19, {}, "offer_incompatible"),
        (50, {"payment_method": "cash"}, "offer_incompatible"),
        (50, {"payment_method": "barter"}, "offer_incompatible"),
        (50, {"version": 99}, "offer_changed"),
    ],
)
def test_an_offer_is_taken_as_it_is_or_not_at_all(
    amount: int, options: dict[str, Any], code: str, seller: User, buyer: User
) -> None:
    offer, _ = place(seller, "sell", 1, 100, min_fill=20, payment_methods=("sepa",))
    with pytest.raises(DomainError) as refusal:
        take(buyer, offer, amount, **options)
    assert refusal.value.code == code
    assert Order.objects.count() == 1


def test_nobody_takes_his_own_offer(seller: User) -> None:
    offer, _ = place(seller, "sell", 1, 100)
    with pytest.raises(OwnOffer):
        take(seller, offer, 10)


def test_an_offer_that_is_gone_is_not_taken(seller: User, buyer: User) -> None:
    offer, _ = place(seller, "sell", 1, 100)
    cancel_order(order_id=offer.id, owner_id=seller.id)
    with pytest.raises(OfferChanged):
        take(buyer, offer, 10)


def test_an_offer_that_goes_between_the_look_and_the_match_is_not_taken(seller: User, buyer: User) -> None:
    offer, _ = place(seller, "sell", 1, 100)
    order = take_offer(owner=buyer, offer_id=offer.id, version=offer.version, amount=Decimal(10), payment_method=None)
    cancel_order(order_id=offer.id, owner_id=seller.id)
    match_market(SYMBOL)
    order.refresh_from_db()
    assert (order.status, order.close_reason) == ("cancelled", "offer_gone")


# Batches of the group commit.


def test_orders_of_one_batch_trade_with_each_other(seller: User, buyer: User) -> None:
    """And the events draw the book in every step: one that rested and was filled in the same run was in it."""
    place_orders(owner=seller, new=[new_order("sell", 1, 30), new_order("sell", "1.01", 30)])
    place_orders(owner=buyer, new=[new_order("buy", "1.01", 40)])
    match_market(SYMBOL)
    assert fills() == [(1, 30), (Decimal("1.01"), 10)]
    assert told_to_the_market() == ["order_created", "order_created", "order_created", "order_filled", "order_filled"]
    changes = [
        change
        for book in Event.objects.filter(book__isnull=False).order_by("seq").values_list("book", flat=True)
        for change in book or ()
    ]
    assert changes == [
        ["sell", "1", "30.000000", 1],
        ["sell", "1.01", "30.000000", 1],
        ["sell", "1", "-30.000000", -1],
        ["sell", "1.01", "-10.000000", 0],
    ]


def test_more_orders_than_a_batch_are_all_matched(
    seller: User, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching_run, "BATCH", 3)
    place_orders(owner=seller, new=[new_order("sell", 1, 10)] * 7)
    match_market(SYMBOL)
    assert set(Order.objects.values_list("status", flat=True)) == {"open"}


def test_an_order_looks_as_deep_into_the_book_as_it_must(seller: User, buyer: User) -> None:
    """The buyer's own sales, which he can't buy, lie before the one that he can."""
    place_batch(make_trader(), [new_order("sell", "1.05", 10)])
    owner = make_trader()
    for _ in range(3):
        place_batch(owner, [new_order("sell", 1, 1)] * 100)
    order, (trade,) = place(owner, "buy", "1.05", 10)
    assert (order.status, trade.price) == ("filled", Decimal("1.05"))


def test_a_halted_market_matches_when_it_trades_again(seller: User, buyer: User, market: Market) -> None:
    place_orders(owner=seller, new=[new_order("sell", 1, 10)])
    place_orders(owner=buyer, new=[new_order("buy", 1, 10)])
    Market.objects.update(status=Market.Status.HALTED)
    match_market(SYMBOL)
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}
    Market.objects.update(status=Market.Status.TRADING)
    match_market(SYMBOL)
    assert fills() == [(1, 10)]


def test_a_trade_opens_with_what_it_is_about(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    place(buyer, "buy", "0.97", "33.33")
    (trade,) = place(seller, "sell", "0.90", "33.33")[1]
    assert (trade.buyer, trade.seller, trade.taker_side) == (buyer, seller, "sell")
    assert (trade.price, trade.total, trade.quote) == (Decimal("0.97"), Decimal("32.33"), "EUR")
    assert trade.deadline == moved_clock.time + timedelta(seconds=1800)
    assert trade.reference.startswith("IQX-")
    assert [(step.action, step.actor) for step in trade.steps.all()] == [("open", "system")]
    opened = Event.objects.filter(type="trade_opened").values_list("stream", "data__role")
    assert set(opened) == {(f"user:{buyer.id}", "buyer"), (f"user:{seller.id}", "seller")}


def test_the_market_is_told_no_names(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 30, client_order_id="my own")
    place(buyer, "buy", 1, 10)
    told = str(list(Event.objects.filter(stream=market_stream(SYMBOL)).values_list("data", flat=True)))
    for secret in (seller, buyer):
        assert str(secret.id) not in told
        assert secret.display_name not in told
    assert "my own" not in told
    assert not any(str(trade_id) in told for trade_id in Trade.objects.values_list("id", flat=True))
