"""Callers of one process who place at once share a transaction, and nothing else."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from pytest_django import Settings

from accounts.models import User
from iqx.core.errors import Busy, LimitExceeded
from orders.models import Order
from orders.placing import NewOrder
from tests.factories.orders import make_market, make_trader, new_order
from tests.factories.racing import at_once
from tests.factories.statements import recorded
from trades import placing
from trades.api.placing import match_markets
from trades.models import Trade
from trades.placing import Placed, _place_together, _Request, place
from wallets.audit import audit
from wallets.errors import InsufficientFunds

pytestmark = pytest.mark.django_db(transaction=True)


def company_of(*orders: tuple[User, Sequence[NewOrder]]) -> list[_Request]:
    requests = [_Request(owner, new) for owner, new in orders]
    _place_together(requests)
    return requests


def placed(request: _Request) -> Placed:
    assert request.placed is not None
    return request.placed


def test_they_trade_with_each_other_and_each_is_told_of_his_own(seller: User, buyer: User) -> None:
    other = make_trader(0)
    sale, purchase, lonely = company_of(
        (seller, [new_order("sell", 1, 10)]),
        (buyer, [new_order("buy", 1, 4), new_order("buy", 1, 6)]),
        (other, [new_order("buy", "0.5", 3)]),
    )
    assert [trade.amount for trade in placed(sale).trades] == [4, 6]
    assert [trade.amount for trade in placed(purchase).trades] == [4, 6]
    assert placed(lonely).trades == []
    assert [p.order.owner_id for r in (sale, purchase, lonely) for p in placed(r).placements if p.order] == [
        seller.id, buyer.id, buyer.id, other.id,
    ]  # fmt: skip
    assert audit() == []


def test_a_refusal_is_one_callers_alone(seller: User, settings: Settings) -> None:
    settings.DAILY_LIMITS = {
        level: limits | {"trade": Decimal(100_000)} for level, limits in settings.DAILY_LIMITS.items()
    }
    poor, limited = make_trader(0), make_trader(0)
    requests = company_of(
        (poor, [new_order("sell", 1, 10)]),
        (limited, [new_order("buy", 1, 40_000)] * 3),
        (seller, [new_order("sell", 1, 10)]),
    )
    errors = [[type(p.error) for p in placed(request).placements] for request in requests]
    assert errors == [[InsufficientFunds], [type(None), type(None), LimitExceeded], [type(None)]]
    assert Order.objects.count() == 3
    assert audit() == []


def test_two_requests_of_one_owner_share_what_he_has(seller: User) -> None:
    first, second = company_of((seller, [new_order("sell", 1, 9_000)]), (seller, [new_order("sell", 1, 9_000)]))
    assert placed(first).placements[0].error is None
    assert isinstance(placed(second).placements[0].error, InsufficientFunds)
    assert audit() == []


def test_a_client_order_id_repeated_in_company_gives_the_first_order(buyer: User) -> None:
    new = [new_order("buy", 1, 5, client_order_id="mine")]
    first, second = company_of((buyer, new), (buyer, new))
    (one,), (two,) = placed(first).placements, placed(second).placements
    assert one.order is two.order
    assert (one.repeated, two.repeated) == (False, True)
    assert Order.objects.count() == 1


def test_a_company_takes_as_many_statements_as_one(buyer: User) -> None:
    people = [make_trader(0) for _ in range(5)]
    company_of(*((person, [new_order("buy", "0.5", 5)]) for person in people))
    with recorded() as alone:
        company_of((buyer, [new_order("buy", "0.5", 5)]))
    with recorded() as together:
        company_of(*((person, [new_order("buy", "0.5", 5)]) for person in people))
    assert len(together) == len(alone)


def failing(error: Exception, when: Callable[[Sequence[_Request]], bool]) -> Callable[..., Any]:
    place_at_book = placing._place_at_book

    def fail(requests: Sequence[_Request]) -> Any:
        if when(requests):
            raise error
        return place_at_book(requests)

    return fail


def test_what_the_database_refuses_of_one_the_others_do_without(
    seller: User, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = failing(IntegrityError("no"), lambda requests: any(r.owner == seller for r in requests))
    monkeypatch.setattr(placing, "_place_at_book", broken)
    sale, purchase = company_of((seller, [new_order("sell", 1, 5)]), (buyer, [new_order("buy", 1, 5)]))
    assert isinstance(sale.error, IntegrityError)
    assert sale.placed is None
    assert len(placed(purchase).placements) == 1


def test_after_a_lost_connection_nobody_is_placed_twice(
    buyer: User, seller: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Sequence[_Request]] = []

    def lost(requests: Sequence[_Request]) -> bool:
        calls.append(requests)
        return True

    monkeypatch.setattr(placing, "_place_at_book", failing(OperationalError("gone"), lost))
    with pytest.raises(OperationalError):
        company_of((seller, [new_order("sell", 1, 5)]), (buyer, [new_order("buy", 1, 5)]))
    assert len(calls) == 1


def test_whom_the_book_keeps_waiting_is_accepted_and_left_pending(buyer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "_place_at_book", failing(Busy(), lambda _: True))
    outcome = place(owner=buyer, new=[new_order("buy", 1, 5)])
    assert outcome.pending
    assert Order.objects.get().status == "pending"


def test_many_at_once_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_market()
    people = [make_trader(10_000) for _ in range(12)]
    sizes, together = [], threading.Barrier(12)
    place_at_book = placing._place_at_book

    def count(requests: Sequence[_Request]) -> Any:
        sizes.append(len(requests))
        return place_at_book(requests)

    monkeypatch.setattr(placing, "_place_at_book", count)

    def call(person: User, side: str) -> Placed:
        together.wait(10)
        outcome = place(owner=person, new=[new_order(side, 1, 10)])
        match_markets(outcome.pending)
        return outcome

    outcomes = at_once([partial(call, person, "buy" if n % 2 else "sell") for n, person in enumerate(people)])
    assert [type(outcome) for outcome in outcomes] == [Placed] * 12
    assert max(sizes) > 1
    assert sum(trade.amount for trade in Trade.objects.all()) == 60
    assert audit() == []
