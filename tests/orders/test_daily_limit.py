"""The daily limit counts what is ordered and not given up, so that it holds whatever is filled when."""

import time
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from pytest_django import Settings

from accounts.models import User
from iqx.core import hot
from iqx.core.errors import DomainError, LimitExceeded
from orders import turnover
from orders.errors import TooManyOrders
from orders.models import Order, Turnover
from orders.services import amend_order, cancel_order
from tests.factories.orders import MovedClock, make_market, make_trader, new_order, place, place_batch
from tests.factories.racing import at_once
from trades.services import cancel_trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db

LIMIT = Decimal(100)


@pytest.fixture(autouse=True)
def low_limit(settings: Settings) -> None:
    unlimited = {"deposit": Decimal(10**6), "withdrawal": Decimal(10**6)}
    settings.DAILY_LIMITS = {level: unlimited | {"trade": LIMIT} for level in range(3)}


@pytest.fixture
def without_row_lock_on_turnover(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the day's row as if it were free; wait a moment, as a busy machine would."""

    def read(wanted: Mapping[User, Decimal], day: date) -> turnover.Claim:
        (owner,) = wanted
        answer = hot.ask("SELECT sum(amount) FROM orders_turnover WHERE user_id = %s AND day = %s", [owner.id, day])

        def rooms() -> dict[UUID, Decimal]:
            ((ordered,),) = answer.rows()
            time.sleep(0.3)
            return {owner.id: LIMIT - (ordered or Decimal(0))}

        return turnover.Claim(day, {owner.id: Decimal(0)}, rooms)

    monkeypatch.setattr(turnover, "claim", read)


def ordered_by(user: User) -> Decimal:
    amount: Decimal = Turnover.objects.get(user=user).amount
    return amount


def test_orders_of_one_batch_share_the_limit(buyer: User) -> None:
    placements = place_batch(
        buyer, [new_order("buy", "0.9", 60), new_order("buy", "0.9", 60), new_order("buy", "1", 40)]
    )
    assert [type(p.error) for p in placements] == [type(None), LimitExceeded, type(None)]
    assert ordered_by(buyer) == LIMIT


def test_open_orders_count_before_they_fill(buyer: User) -> None:
    place(buyer, "buy", "0.9", 60)
    with pytest.raises(LimitExceeded) as refused:
        place(buyer, "buy", "0.9", "40.01")
    assert refused.value.extra == {"limit": "trade", "remaining": "40.000000"}
    assert Order.objects.count() == 1


def test_what_is_cancelled_unfilled_is_given_back(buyer: User, seller: User) -> None:
    place(seller, "sell", "0.9", 30)
    order, trades = place(buyer, "buy", "0.9", 100)
    assert len(trades) == 1
    cancel_order(order_id=order.id, owner_id=buyer.id)
    assert ordered_by(buyer) == 30
    place(buyer, "buy", "0.8", 70)


def test_the_rest_of_an_immediate_order_is_given_back(buyer: User, seller: User) -> None:
    place(seller, "sell", "0.9", 30)
    place(buyer, "buy", "0.9", 100, time_in_force="IOC")
    assert ordered_by(buyer) == 30


def test_amending_counts_both_ways(buyer: User) -> None:
    order, _ = place(buyer, "buy", "0.9", 60)
    amend_order(order_id=order.id, owner_id=buyer.id, amount=Decimal(20))
    assert ordered_by(buyer) == 20
    with pytest.raises(LimitExceeded):
        amend_order(order_id=order.id, owner_id=buyer.id, amount=Decimal(101))
    assert ordered_by(buyer) == 20
    amend_order(order_id=order.id, owner_id=buyer.id, amount=Decimal(100))
    assert ordered_by(buyer) == LIMIT


def test_the_next_day_starts_afresh(buyer: User, moved_clock: MovedClock) -> None:
    place(buyer, "buy", "0.9", 100)
    moved_clock.pass_by(24 * 3600)
    place(buyer, "buy", "0.9", 100)
    assert Turnover.objects.filter(user=buyer).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_do_not_share_the_last_of_it() -> None:
    make_market()
    buyer = make_trader(0)

    def order() -> str:
        try:
            place(buyer, "buy", "0.9", 60)
        except DomainError as error:
            return error.code
        return "placed"

    assert sorted(at_once([order] * 4)) == ["limit_exceeded"] * 3 + ["placed"]
    assert ordered_by(buyer) == 60
    assert audit() == []


@pytest.mark.django_db(transaction=True)
def test_the_race_for_the_last_of_it_is_real(without_row_lock_on_turnover: None) -> None:
    """Control: read without its lock, the limit lets both through."""
    make_market()
    buyer = make_trader(0)
    answers = at_once([lambda: place(buyer, "buy", "0.9", 60)] * 4)
    assert sum(not isinstance(answer, Exception) for answer in answers) > 1


def test_a_closed_order_whose_buyer_failed_counts_no_more(buyer: User, seller: User) -> None:
    place(seller, "sell", "0.9", 60)
    _, (trade,) = place(buyer, "buy", "0.9", 60)
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    assert (ordered_by(seller), ordered_by(buyer)) == (0, 60)
    assert audit() == []


def test_nobody_fills_a_book_with_orders(buyer: User, settings: Settings) -> None:
    settings.MAX_LIVE_ORDERS = 3
    order, _ = place(buyer, "buy", "0.9", 1)
    refused = [p.error for p in place_batch(buyer, [new_order("buy", "0.9", 1)] * 3)]
    assert [type(error) for error in refused] == [type(None), type(None), TooManyOrders]
    assert ordered_by(buyer) == 3
    cancel_order(order_id=order.id, owner_id=buyer.id)
    place(buyer, "buy", "0.9", 1)
