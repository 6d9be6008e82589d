"""The matching algorithm beside one that is too slow to use and too simple to be wrong."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from copy import deepcopy
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from accounts.trust.standing import Requirements, Standing
from orders import matching
from orders.matching import Arrival, BookOrder, CloseReason, Side, TimeInForce

OWNERS = [UUID(int=number) for number in range(1, 5)]
Books = tuple[list[BookOrder], list[BookOrder]]  # incoming, resting
Outcome = tuple[list[tuple[UUID, UUID, Decimal, Decimal, str | None]], dict[UUID, str]]


# The reference: no sorting, no early end, one deal at a time, each time with the best of all that could be made.


def reference(incoming: Sequence[BookOrder], resting: Sequence[BookOrder]) -> Outcome:
    """Every fill in order, and what became of each incoming order."""
    book, fills, ends = list(resting), [], {}
    for order in incoming:
        if order.private:
            ends[order.id] = "rests"
            book.append(order)
            continue
        if order.post_only and best_for(order, book):
            ends[order.id] = "post_only_would_trade"
            continue
        rehearsal_order, rehearsal_book = deepcopy((order, book))
        trade_out(rehearsal_order, rehearsal_book)
        if order.time_in_force == "FOK" and rehearsal_order.remaining:
            ends[order.id] = "offer_gone" if order.only_with else "fok_unfilled"
            continue
        fills += trade_out(order, book)
        if order.remaining == 0:
            ends[order.id] = "filled"
        elif order.time_in_force == "IOC":
            ends[order.id] = "ioc_remainder"
        else:
            ends[order.id] = "rests"
            book.append(order)
    return fills, ends


def trade_out(order: BookOrder, book: list[BookOrder]) -> list[Any]:
    fills: list[Any] = []
    while maker := best_for(order, [other for other in book if other.id not in {fill[0] for fill in fills}]):
        amount = largest_fill(maker, order)
        order.remaining -= amount
        maker.remaining -= amount
        fills.append((maker.id, order.id, maker.price, amount, method_of(maker, order)))
    return fills


def best_for(order: BookOrder, book: list[BookOrder]) -> BookOrder | None:
    best = None
    for maker in book:
        if compatible(maker, order) and (best is None or goes_before(maker, best)):
            best = maker
    return best


def compatible(maker: BookOrder, order: BookOrder) -> bool:
    if {maker.side, order.side} != {"buy", "sell"} or maker.owner == order.owner or maker.owner in order.shuns:
        return False
    bid, ask = (order, maker) if order.side == "buy" else (maker, order)
    amount = largest_fill(maker, order)
    return (
        amount > 0
        and welcomes(maker, order)
        and welcomes(order, maker)
        and (order.only_with == maker.id or not maker.private)
        and bid.price >= ask.price
        and all(amount >= party.min_fill or amount == party.remaining for party in (maker, order))
        and (not maker.payment_methods or not order.payment_methods or method_of(maker, order) is not None)
        and (order.only_with is None or order.only_with == maker.id)
    )


def largest_fill(maker: BookOrder, order: BookOrder) -> Decimal:
    limits = [maker.remaining, order.remaining, maker.max_fill, order.max_fill]
    return min(limit for limit in limits if limit is not None)


def welcomes(order: BookOrder, other: BookOrder) -> bool:
    needed, has = order.requires or Requirements(), other.standing
    assert has
    return (
        has.kyc_level >= (needed.kyc_level or 0)
        and has.completed_trades >= (needed.completed_trades or 0)
        and has.account_age_days >= (needed.account_age_days or 0)
        and (needed.completion_rate is None or (has.completion_rate or Decimal(-1)) >= needed.completion_rate)
    )


def goes_before(one: BookOrder, other: BookOrder) -> bool:
    if one.price == other.price:
        return one.priority < other.priority
    return one.price < other.price if one.side == "sell" else one.price > other.price


def method_of(maker: BookOrder, order: BookOrder) -> str | None:
    candidates = maker.payment_methods or order.payment_methods
    accepted = order.payment_methods or candidates
    return next((method for method in candidates if method in accepted), None)


# Random books, on grids small enough for things to meet.

quantities = st.integers(1, 6).map(lambda tens: Decimal(tens * 10))
minimums = st.sampled_from([Decimal(0), Decimal(0), Decimal(10), Decimal(20), Decimal(30), Decimal(50)])
maximums = st.sampled_from([None, None, None, Decimal(20), Decimal(30), Decimal(50)])
demands = st.one_of(
    st.none(),
    st.builds(
        Requirements,
        kyc_level=st.sampled_from([None, 1, 2]),
        completed_trades=st.sampled_from([None, 5]),
        completion_rate=st.sampled_from([None, Decimal("0.9")]),
        account_age_days=st.sampled_from([None, 30]),
    ),
)
STANDINGS = dict(
    zip(
        OWNERS,
        [
            Standing(2, 20, Decimal("0.95"), 100),
            Standing(1, 5, Decimal("0.9"), 30),
            Standing(0, 0, None, 0),
            Standing(2, 4, Decimal("0.5"), 29),
        ],
        strict=True,
    )
)
method_lists = st.lists(st.sampled_from(["sepa", "cash", "wise"]), unique=True, max_size=2)


@st.composite
def orders(draw: st.DrawFn, number: int, *, resting: bool) -> BookOrder:
    time_in_force = TimeInForce.GTC if resting else draw(st.sampled_from(TimeInForce))
    amount = draw(quantities)
    owner, smallest, largest = draw(st.sampled_from(OWNERS)), draw(minimums), draw(maximums)
    only_with = draw(st.integers(0, 12)) if not resting and draw(st.integers(0, 7)) == 0 else None
    rests = time_in_force in {"GTC", "GTD"} and only_with is None
    private = rests and draw(st.integers(0, 7)) == 0
    return BookOrder(
        id=UUID(int=1000 + number),
        owner=owner,
        side=draw(st.sampled_from(Side)),
        price=Decimal(draw(st.integers(8, 12))) / 10,
        remaining=amount,
        priority=number,
        min_fill=smallest,
        max_fill=None if largest is None else max(smallest, largest),
        requires=draw(demands) if draw(st.integers(0, 3)) == 0 else None,
        standing=STANDINGS[owner],
        private=private,
        payment_methods=draw(method_lists),
        time_in_force=time_in_force,
        post_only=not resting and rests and not private and draw(st.integers(0, 5)) == 0,
        only_with=None if only_with is None else UUID(int=1000 + only_with),
    )


@st.composite
def books(draw: st.DrawFn) -> Books:
    count = draw(st.integers(0, 10))
    resting = [draw(orders(number, resting=True)) for number in range(count)]
    incoming = [draw(orders(count + number, resting=False)) for number in range(draw(st.integers(1, 10)))]
    blocked = draw(st.lists(st.sets(st.sampled_from(OWNERS), min_size=2, max_size=2), max_size=2))
    for order in incoming:
        order.shuns = {other for pair in blocked if order.owner in pair for other in pair - {order.owner}}
    return incoming, draw(st.permutations(resting))


def run(book: Books) -> list[Arrival]:
    return matching.match(*deepcopy(book))


def outcome(arrivals: list[Arrival]) -> Outcome:
    fills = [
        (fill.maker, fill.taker, fill.price, fill.amount, fill.payment_method)
        for arrival in arrivals
        for fill in arrival.fills
    ]
    ends = {arrival.order.id: str(arrival.killed or ("rests" if arrival.rests else "filled")) for arrival in arrivals}
    return fills, ends


def differs(book: Books) -> bool:
    return outcome(run(book)) != reference(*deepcopy(book))


@given(books())
@settings(max_examples=250, deadline=None)
def test_matching_equals_the_naive_reference(book: Books) -> None:
    assert outcome(run(book)) == reference(*deepcopy(book))


@given(books())
@settings(max_examples=60, deadline=None)
def test_nothing_is_filled_beyond_its_amount_and_nothing_gets_lost(book: Books) -> None:
    incoming, resting = deepcopy(book)
    amounts = {order.id: order.remaining for order in incoming + resting}
    traded: dict[UUID, Decimal] = defaultdict(Decimal)
    for arrival in matching.match(incoming, resting):
        for fill in arrival.fills:
            assert fill.amount > 0
            assert fill.taker == arrival.order.id
            traded[fill.maker] += fill.amount
            traded[fill.taker] += fill.amount
    assert {order.id: amounts[order.id] - order.remaining for order in incoming + resting} == {
        order_id: traded[order_id] for order_id in amounts
    }
    assert all(order.remaining >= 0 for order in incoming + resting)


@given(books())
@settings(max_examples=60, deadline=None)
def test_each_fill_is_at_the_makers_price_and_within_the_takers(book: Books) -> None:
    by_id = {order.id: order for order in book[0] + book[1]}
    for arrival in run(book):
        taker = arrival.order
        for fill in arrival.fills:
            maker = by_id[fill.maker]
            assert fill.price == maker.price
            assert fill.price <= taker.price if taker.side is Side.BUY else fill.price >= taker.price
            assert maker.owner != taker.owner
            assert maker.owner not in taker.shuns
            assert taker.only_with in {None, maker.id}
            assert taker.only_with == maker.id or not maker.private
            assert all(party.max_fill is None or fill.amount <= party.max_fill for party in (maker, taker))


@given(books())
@settings(max_examples=60, deadline=None)
def test_all_or_nothing_and_immediate_orders_never_rest(book: Books) -> None:
    amounts = {order.id: order.remaining for order in book[0]}
    for arrival in run(book):
        order = arrival.order
        if order.time_in_force is TimeInForce.FOK:
            assert sum(fill.amount for fill in arrival.fills) in {0, amounts[order.id]}
        if order.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}:
            assert not arrival.rests
            assert bool(order.remaining) == bool(arrival.killed)
        if order.post_only:
            assert arrival.fills == []
            assert arrival.killed in {None, CloseReason.POST_ONLY_WOULD_TRADE}


@given(books())
@settings(max_examples=80, deadline=None)
def test_no_pair_is_left_that_could_have_traded(book: Books) -> None:
    """But for makers that came below their own minimum, and pairs cut by a maximum: see what `match` says."""
    incoming, _ = deepcopy(book)
    arrivals = matching.match(incoming, [])
    traded = {frozenset((fill.maker, fill.taker)) for arrival in arrivals for fill in arrival.fills}
    rests = [a.order for a in arrivals if not a.killed and a.order.remaining and not a.order.only_with]
    for one, other in product(rests, rests):
        fell_below = any(order.remaining < order.min_fill for order in (one, other))
        if not fell_below and not (one.private or other.private) and frozenset((one.id, other.id)) not in traded:
            assert not compatible(one, other)


@given(books(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_resting_orders_does_not_matter(book: Books, shuffler: random.Random) -> None:
    incoming, resting = deepcopy(book)
    shuffler.shuffle(resting)
    assert outcome(run(book)) == outcome(matching.match(incoming, resting))


def _by_price_alone(order: BookOrder) -> tuple[Any, int]:
    return (-order.price if order.side is Side.BUY else order.price), -order.priority


def _by_priority_alone(order: BookOrder) -> tuple[Any, int]:
    return 0, order.priority


def _any_method(maker: BookOrder, taker: BookOrder) -> str | None:
    return next(iter([*maker.payment_methods, *taker.payment_methods]), None)


def _at_the_takers_price(maker: BookOrder, taker: BookOrder) -> matching.Fill | None:
    fill = _fill_between(maker, taker)
    return matching.Fill(fill.maker, fill.taker, taker.price, fill.amount, fill.payment_method) if fill else None


def _with_oneself(maker: BookOrder, taker: BookOrder) -> matching.Fill | None:
    stranger = deepcopy(taker)
    stranger.owner = UUID(int=99)
    return _fill_between(maker, stranger)


def _without_minimum(maker: BookOrder, taker: BookOrder) -> matching.Fill | None:
    easy = deepcopy((maker, taker))
    for order in easy:
        order.min_fill = Decimal(0)
    return _fill_between(*easy)


def _without_maximum(maker: BookOrder, taker: BookOrder) -> matching.Fill | None:
    easy = deepcopy((maker, taker))
    for order in easy:
        order.max_fill = None
    return _fill_between(*easy)


def _only_the_makers_wish(order: BookOrder, other: BookOrder) -> bool:
    return order.time_in_force is not TimeInForce.GTC or _accepts(order, other)


_fill_between, _accepts = matching.fill_between, matching._accepts


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("_rank", _by_price_alone),
        ("_rank", _by_priority_alone),
        ("shared_method", _any_method),
        ("crosses", lambda order, resting: order.price == resting.price),
        ("crosses", lambda order, resting: True),
        ("fill_between", _at_the_takers_price),
        ("fill_between", _with_oneself),
        ("fill_between", _without_minimum),
        ("fill_between", _without_maximum),
        ("_accepts", _only_the_makers_wish),
        ("_accepts", lambda order, other: True),
        ("_undo", lambda order, pairs: None),
    ],
)
def test_a_broken_algorithm_would_be_caught(
    name: str, mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the reference and the books tell each of these faults from the truth."""
    monkeypatch.setattr(matching, name, mutant)
    search = settings(
        max_examples=800, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    assert differs(find(books(), differs, settings=search))
