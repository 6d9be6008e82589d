"""Which orders are accepted, what they reserve, and what a refusal leaves behind: nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from iqx.core import clock
from iqx.core.errors import DomainError, LimitExceeded
from iqx.core.models import Event
from orders.models import Market, Order
from orders.services import amend_order, cancel_order, place_orders
from tests.factories.orders import SYMBOL, make_market, make_trader, new_order, place, place_batch
from tests.factories.wallets import balance_of
from wallets.audit import audit
from wallets.models import Transfer

pytestmark = pytest.mark.django_db


def refusal_of(owner: User, side: str, price: Any, amount: Any, **options: Any) -> DomainError:
    """Why the order was refused, having changed nothing."""
    before = (Order.objects.count(), Event.objects.count(), Transfer.objects.count(), balance_of(owner))
    (placement,) = place_orders(owner=owner, new=[new_order(side, price, amount, **options)])
    assert placement.error
    assert placement.order is None
    assert (Order.objects.count(), Event.objects.count(), Transfer.objects.count(), balance_of(owner)) == before
    return placement.error


def test_a_sale_reserves_its_amount_and_the_higher_fee(db: None) -> None:
    make_market(maker_fee=Decimal("0.001"), taker_fee=Decimal("0.003"))
    seller = make_trader(200)
    order, trades = place(seller, "sell", "1.05", "100.33")
    assert (order.status, order.reserved, trades) == ("open", Decimal("100.630990"), [])
    assert balance_of(seller) == (Decimal("99.369010"), Decimal("100.630990"))
    assert audit() == []


def test_a_makers_fee_above_the_takers_is_reserved_too(db: None) -> None:
    make_market(maker_fee=Decimal("0.003"), taker_fee=Decimal("0.001"))
    assert place(make_trader(200), "sell", 1, 100)[0].reserved == Decimal("100.3")


def test_a_purchase_needs_no_usdt(buyer: User) -> None:
    order, _ = place(buyer, "buy", "1.05", 100)
    assert (order.status, order.reserved) == ("open", 0)
    assert balance_of(buyer) == (Decimal(0), Decimal(0))


def test_a_sale_without_the_funds_is_refused(market: Market) -> None:
    owner = make_trader(100)
    error = refusal_of(owner, "sell", 1, "100.01")
    assert (error.code, error.extra) == ("insufficient_funds", {"available": "100.000000"})


def test_the_fee_must_be_covered_too(db: None) -> None:
    make_market(taker_fee=Decimal("0.001"))
    assert refusal_of(make_trader(100), "sell", 1, 100).code == "insufficient_funds"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"market": "USDT-XXX"}, "validation_error"),
        ({"price": Decimal("1.005")}, "price_not_on_tick"),
        ({"amount": Decimal("10.005")}, "amount_not_on_lot"),
        ({"amount": Decimal("0.99")}, "amount_out_of_range"),
        ({"amount": Decimal("50000.01")}, "amount_out_of_range"),
        ({"min_fill": Decimal("10.01")}, "validation_error"),
        ({"payment_methods": ("sepa", "barter")}, "validation_error"),
        ({"time_in_force": "GTD"}, "validation_error"),
        ({"expires_at": clock.now() + timedelta(hours=1)}, "validation_error"),
        ({"time_in_force": "GTD", "expires_at": clock.now()}, "validation_error"),
        ({"time_in_force": "IOC", "post_only": True}, "validation_error"),
        ({"time_in_force": "FOK", "post_only": True}, "validation_error"),
    ],
)
def test_what_breaks_a_rule_of_the_market_is_refused(asked: dict[str, Any], code: str, seller: User) -> None:
    wanted: dict[str, Any] = {"side": "sell", "price": 1, "amount": 10}
    assert refusal_of(seller, **wanted | asked).code == code


@pytest.mark.parametrize("amount", ["1", "50000"])
def test_the_bounds_of_the_market_are_part_of_it(amount: str, buyer: User) -> None:
    assert place(buyer, "buy", 1, amount)[0].status == "open"


def test_a_halted_market_takes_no_orders(seller: User, market: Market) -> None:
    market.status = Market.Status.HALTED
    market.save()
    assert refusal_of(seller, "sell", 1, 10).code == "market_halted"


# Batches.


def test_one_bad_order_spoils_no_other(seller: User) -> None:
    placements = place_batch(
        seller,
        [
            new_order("sell", 1, 10),
            new_order("sell", "1.001", 10),
            new_order("buy", "0.5", 20),
            new_order("sell", 2, 0),
        ],
    )
    assert [placement.error.code if placement.error else None for placement in placements] == [
        None,
        "price_not_on_tick",
        None,
        "amount_out_of_range",
    ]
    assert sorted(Order.objects.values_list("amount", flat=True)) == [10, 20]
    assert balance_of(seller)[1] == 10


def test_a_batch_spends_the_funds_in_the_order_given(market: Market) -> None:
    owner = make_trader(100)
    placements = place_batch(owner, [new_order("sell", 1, amount) for amount in (60, 50, 40)])
    assert [placement.error is None for placement in placements] == [True, False, True]
    assert placements[1].error
    assert placements[1].error.extra == {"available": "40.000000"}
    assert balance_of(owner) == (Decimal(0), Decimal(100))
    assert audit() == []


def test_a_batch_keeps_its_order_in_the_queue(market: Market) -> None:
    makers = [placement.order for placement in place_batch(make_trader(), [new_order("sell", 1, 10)] * 3)]
    _, trades = place(make_trader(0), "buy", 1, 25)
    filled = {trade.sell_order_id: trade.amount for trade in trades}
    assert filled == {makers[0].id: 10, makers[1].id: 10, makers[2].id: 5}  # type: ignore[union-attr]


def test_orders_of_several_markets_share_a_batch(seller: User) -> None:
    make_market("USDT-USD")
    place_batch(seller, [new_order("sell", 1, 10), new_order("sell", 1, 20, market="USDT-USD")])
    assert dict(Order.objects.values_list("market_id", "status")) == {SYMBOL: "open", "USDT-USD": "open"}


def test_an_empty_batch_does_nothing(seller: User) -> None:
    assert place_batch(seller, []) == []


# Client order ids.


def test_a_client_order_id_used_again_gives_the_first_order(seller: User) -> None:
    first = place_batch(seller, [new_order("sell", 1, 10, client_order_id="a")])[0]
    again = place_batch(seller, [new_order("sell", 2, 99, client_order_id="a")])[0]
    assert (first.repeated, again.repeated) == (False, True)
    assert first.order == again.order
    assert Order.objects.count() == 1
    assert balance_of(seller)[1] == 10


def test_a_client_order_id_counts_for_ever(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 10, client_order_id="a")
    cancel_order(order_id=order.id, owner_id=seller.id)
    assert place(seller, "sell", 1, 10, client_order_id="a")[0].status == "cancelled"


def test_a_client_order_id_repeated_in_one_batch_is_placed_once(seller: User) -> None:
    placements = place_batch(seller, [new_order("sell", 1, 10, client_order_id="a")] * 3)
    assert [placement.repeated for placement in placements] == [False, True, True]
    assert Order.objects.count() == 1


def test_a_refused_client_order_id_may_be_tried_again(market: Market) -> None:
    owner = make_trader(10)
    assert refusal_of(owner, "sell", 1, 11, client_order_id="a").code == "insufficient_funds"
    assert place(owner, "sell", 1, 10, client_order_id="a")[0].status == "open"


def test_client_order_ids_are_each_users_own(seller: User) -> None:
    order, _ = place(seller, "sell", 1, 10, client_order_id="a")
    other, _ = place(make_trader(), "sell", 1, 10, client_order_id="a")
    assert order != other


# The daily limit.


@pytest.fixture
def limited(market: Market, settings: Settings) -> User:
    """May trade 100 USDT a day."""
    settings.DAILY_LIMITS = {
        level: {**limits, "trade": Decimal(100)} for level, limits in settings.DAILY_LIMITS.items()
    }
    return make_trader(1000)


def test_more_than_the_daily_limit_is_refused(limited: User) -> None:
    error = refusal_of(limited, "sell", 1, 101)
    assert (error.code, error.extra["remaining"]) == ("limit_exceeded", "100.000000")


def test_what_was_traded_today_counts(limited: User) -> None:
    place(limited, "sell", 1, 60)
    place(make_trader(0), "buy", 1, 60)
    error = refusal_of(limited, "buy", 1, 41)
    assert error.extra["remaining"] == "40.000000"
    assert place(limited, "buy", "0.5", 40)[0].status == "open"


def test_tomorrow_is_another_day(limited: User, moved_clock: Any) -> None:
    place(limited, "sell", 1, 100)
    place(make_trader(0), "buy", 1, 100)
    moved_clock.pass_by(24 * 3600)
    assert place(limited, "sell", 1, 100)[0].status == "open"


def test_an_amendment_does_not_pass_the_limit(limited: User) -> None:
    order, _ = place(limited, "sell", 1, 10)
    with pytest.raises(LimitExceeded):
        amend_order(order_id=order.id, owner_id=limited.id, amount=Decimal(101))
    assert Order.objects.filter(pk=order.pk, amount=10, version=order.version).exists()
    assert balance_of(limited)[1] == 10
