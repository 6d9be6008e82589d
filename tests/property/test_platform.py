"""Random sequences of everything that people do, with every promise of the platform checked after each step."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Count, Max, Min
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from iqx.core import clock
from iqx.core.errors import DomainError
from iqx.core.events import head_of, market_stream
from iqx.core.feed.book import Book
from iqx.core.models import Event, Stream
from iqx.core.money import fee_of
from iqx.core.transactions import use_case
from orders.book import reservation
from orders.candidates import as_incoming
from orders.matching import Side, fill_between
from orders.models import Order
from orders.selectors import book_snapshot
from orders.services import (
    amend_order,
    arm_cancel_after,
    cancel_all,
    cancel_order,
    expire_orders,
    fire_cancel_after,
    place_orders,
    take_offer,
)
from tests.factories.orders import SYMBOL, act, make_market, make_trader, new_order
from tests.factories.wallets import fund, withdraw
from trades.clocks import advance_due_trades, extend_deadlines
from trades.escrow import Action, Actor, Status
from trades.matching_run import match_market
from trades.models import Trade, Transaction
from trades.services import (
    accept_cancel,
    cancel_trade,
    mark_paid,
    reject_cancel,
    release_trade,
    request_cancel,
)
from wallets.audit import audit
from wallets.models import Transfer
from wallets.services import cancel_withdrawal

people = st.integers(0, 2)
sides = st.sampled_from(["buy", "sell"])
prices = st.integers(98, 102).map(lambda cents: Decimal(cents) / 100)
# Odd lots, so that fees have something to round; a few sizes, so that minimums matter.
amounts = st.sampled_from([Decimal(text) for text in ("1.01", "2.5", "3.33", "7", "10", "20.02", "33.37")])
picks = st.integers(0, 30)


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    """An order's options, such as make sense together."""
    options: dict[str, Any] = {"time_in_force": draw(st.sampled_from(["GTC", "GTC", "GTC", "GTD", "IOC", "FOK"]))}
    options["payment_methods"] = draw(st.sampled_from([(), (), ("sepa",), ("revolut", "sepa"), ("cash",)]))
    options["min_fill"] = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(3), Decimal(10)]))
    if options["time_in_force"] in {"GTC", "GTD"}:
        options["post_only"] = draw(st.integers(0, 6)) == 0
    return {"side": draw(sides), "price": draw(prices), "amount": draw(amounts), **options}


def _undone() -> Any:
    """A transaction for one example, in which use cases may begin as they may in a test case's."""
    atomic: Any = cast("Any", transaction.atomic())
    atomic._from_testcase = True
    return atomic


class Platform(RuleBasedStateMachine):
    """Three people on one market with fees, and a clock that moves only when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = _undone()
        self.transaction.__enter__()
        self.time: datetime = clock.now()
        self.clock = patch.object(clock, "now", lambda: self.time)
        self.clock.start()
        self.all_matched = True
        self.live: set[UUID] = set()
        self.returned: dict[UUID, UUID | None] = {}

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        make_market(maker_fee=Decimal("0.00123"), taker_fee=Decimal("0.00456"))
        self.people = [make_trader(100) for _ in range(3)]

    def tried(self, call: Callable[[], Any]) -> Any:
        """What `call` returned; a refusal is fine, and everything else is not."""
        try:
            return call()
        except DomainError:
            return None

    def any_order(self, pick: int) -> Order | None:
        orders = list(Order.objects.filter(status__in=Order.LIVE).order_by("priority"))
        return orders[pick % len(orders)] if orders else None

    def any_trade(self, pick: int) -> Trade | None:
        trades = list(Trade.objects.filter(status__in=Trade.LIVE).order_by("reference"))
        return trades[pick % len(trades)] if trades else None

    # What people do with orders.

    @rule(who=people, wish=wishes())
    def place_and_match(self, who: int, wish: dict[str, Any]) -> None:
        self.place_only(who, [wish])
        self.match()

    @rule(who=people, batch=st.lists(wishes(), min_size=2, max_size=5))
    def place_batch_and_match(self, who: int, batch: list[dict[str, Any]]) -> None:
        self.place_only(who, batch)
        self.match()

    @rule(who=people, batch=st.lists(wishes(), min_size=1, max_size=3))
    def place_and_leave_pending(self, who: int, batch: list[dict[str, Any]]) -> None:
        self.place_only(who, batch)

    def place_only(self, who: int, batch: list[dict[str, Any]]) -> None:
        new = []
        for wish in batch:
            limit = self.time + timedelta(seconds=600) if wish["time_in_force"] == "GTD" else None
            new.append(new_order(**wish | {"min_fill": min(wish["min_fill"], wish["amount"])}, expires_at=limit))
        place_orders(owner=self.people[who], new=new)
        self.all_matched = False

    @rule()
    def match(self) -> None:
        match_market(SYMBOL)
        self.all_matched = True

    @rule(who=people, pick=picks, whole=st.booleans())
    def take(self, who: int, pick: int, whole: bool) -> None:
        offer = self.any_order(pick)
        if offer:
            amount = offer.amount - offer.filled if whole else Decimal("2.5")
            self.tried(
                lambda: take_offer(
                    owner=self.people[who],
                    offer_id=offer.id,
                    version=offer.version,
                    amount=amount,
                    payment_method=None,
                )
            )
            self.match()

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        order = self.any_order(pick)
        if order:
            cancel_order(order_id=order.id, owner_id=order.owner_id)

    @rule(who=people, side=st.sampled_from([None, Side.BUY, Side.SELL]))
    def cancel_everything(self, who: int, side: Side | None) -> None:
        cancel_all(owner_id=self.people[who].id, side=side)

    @rule(pick=picks, price=st.none() | prices, amount=st.none() | amounts)
    def amend(self, pick: int, price: Decimal | None, amount: Decimal | None) -> None:
        order = self.any_order(pick)
        if order:
            self.tried(lambda: amend_order(order_id=order.id, owner_id=order.owner_id, price=price, amount=amount))
            self.all_matched = False

    @rule(who=people, seconds=st.sampled_from([0, 60]))
    def arm_switch(self, who: int, seconds: int) -> None:
        arm_cancel_after(user_id=self.people[who].id, seconds=seconds)

    # What they do with trades.

    @rule(pick=picks)
    def pay(self, pick: int) -> None:
        if trade := self.any_trade(pick):
            self.tried(lambda: mark_paid(trade_id=trade.id, actor_id=trade.buyer_id))

    @rule(pick=picks)
    def release(self, pick: int) -> None:
        if trade := self.any_trade(pick):
            self.tried(lambda: release_trade(trade_id=trade.id, actor_id=trade.seller_id))

    @rule(pick=picks)
    def call_off(self, pick: int) -> None:
        if trade := self.any_trade(pick):
            self.tried(lambda: cancel_trade(trade_id=trade.id, actor_id=trade.buyer_id))
            self.all_matched = False

    @rule(pick=picks, accept=st.booleans())
    def ask_to_cancel(self, pick: int, accept: bool) -> None:
        if trade := self.any_trade(pick):
            self.tried(lambda: request_cancel(trade_id=trade.id, actor_id=trade.seller_id))
            answer = accept_cancel if accept else reject_cancel
            self.tried(lambda: answer(trade_id=trade.id, actor_id=trade.buyer_id))
            self.all_matched = False

    @rule(pick=picks, actor=st.sampled_from([Actor.BUYER, Actor.SELLER]), back=st.booleans())
    def dispute(self, pick: int, actor: Actor, back: bool) -> None:
        if trade := self.any_trade(pick):
            self.tried(lambda: act(trade.id, Action.DISPUTE, actor))
            if back:
                self.tried(lambda: act(trade.id, Action.WITHDRAW_DISPUTE, actor))

    @rule(pick=picks, action=st.sampled_from([Action.RULE_RELEASE, Action.RULE_REFUND, Action.RULE_SPLIT]))
    def ruling(self, pick: int, action: Action) -> None:
        if trade := self.any_trade(pick):
            part = Decimal("0.5") if action is Action.RULE_SPLIT else None
            self.tried(lambda: act(trade.id, action, Actor.STAFF, buyer_amount=part))
            self.all_matched = False

    # What time does, and the rest of the wallet.

    @rule(minutes=st.sampled_from([1, 9, 20, 31]))
    def time_passes(self, minutes: int) -> None:
        self.time += timedelta(minutes=minutes)

    @rule()
    def orders_expire(self) -> None:
        expire_orders()
        assert not Order.objects.filter(status__in=Order.LIVE, expires_at__lte=self.time).exists()

    @rule()
    def switches_fire(self) -> None:
        fire_cancel_after()

    @rule()
    def trades_move_on(self) -> None:
        advance_due_trades()
        assert advance_due_trades() == 0
        self.all_matched = False

    @rule()
    def outage(self) -> None:
        advance_due_trades()
        self.time += timedelta(minutes=40)
        use_case(extend_deadlines)([(self.time - timedelta(minutes=40), self.time)])
        assert advance_due_trades() == 0
        self.all_matched = False

    @rule(who=people, amount=amounts, back=st.booleans())
    def take_money_out(self, who: int, amount: Decimal, back: bool) -> None:
        withdrawal = self.tried(lambda: withdraw(self.people[who], amount))
        if withdrawal and back:
            cancel_withdrawal(withdrawal_id=withdrawal.id, user=self.people[who])

    @rule(who=people, amount=amounts)
    def put_money_in(self, who: int, amount: Decimal) -> None:
        fund(self.people[who], amount)

    # What is always true.

    @invariant()
    def the_books_balance(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would check
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert audit() == []

    @invariant()
    def every_stream_is_gapless(self) -> None:
        numbers = Event.objects.values("stream").annotate(first=Min("seq"), last=Max("seq"), count=Count("seq"))
        shown = {row["stream"]: (row["first"], row["last"], row["count"]) for row in numbers}
        heads = dict(Stream.objects.filter(head__gt=0).values_list("name", "head"))
        assert shown == {name: (1, head, head) for name, head in heads.items()}

    @invariant()
    def the_events_draw_the_book(self) -> None:
        """What a socket's client adds up from the first event on is what a snapshot shows."""
        stream = market_stream(SYMBOL)
        drawn = Book({"seq": 0, "bids": [], "asks": []})
        for seq, book in Event.objects.filter(stream=stream).order_by("seq").values_list("seq", "book"):
            drawn.apply(seq, book or [])
        shown = book_snapshot(SYMBOL)
        assert shown["seq"] == head_of(stream)
        assert [list(level) for level in drawn.bids()] == shown["bids"]
        assert [list(level) for level in drawn.asks()] == shown["asks"]

    @invariant()
    def no_two_open_orders_would_trade(self) -> None:
        live = Order.objects.filter(status=Order.Status.OPEN).exclude(expires_at__lte=self.time)
        book = [as_incoming(order) for order in live]
        for bid, ask in product(book, book):
            if bid.side is Side.BUY and ask.side is Side.SELL and bid.price >= ask.price:
                assert fill_between(ask, bid) is None
        assert not self.all_matched or not Order.objects.filter(status=Order.Status.PENDING).exists()

    @invariant()
    def orders_are_the_sum_of_their_trades(self) -> None:
        """`filled` is what live trades hold, what was sold, and what its owner's failure lost it."""
        filled: dict[UUID, Decimal] = defaultdict(Decimal)
        held: dict[UUID, Decimal] = defaultdict(Decimal)
        for trade in Trade.objects.select_related("sell_order"):
            returned_to = self.returned_to(trade)
            for order_id in {trade.buy_order_id, trade.sell_order_id} - {returned_to}:
                filled[order_id] += trade.amount
                held[order_id] += trade.amount + _fee_when_opened(trade)
        for order in Order.objects.all():
            assert order.filled == filled[order.id], order
            if order.side == Side.SELL and order.status in Order.LIVE:
                assert order.reserved == reservation(order, order.amount) - held[order.id], order
        self.live = set(Order.objects.filter(status__in=Order.LIVE).values_list("id", flat=True))

    def returned_to(self, trade: Trade) -> UUID | None:
        """The order that got back the amount of a trade without a sale: that of the side that didn't fail, if live."""
        if trade.status in {Status.CANCELLED, Status.REFUNDED} and trade.id not in self.returned:
            seller_failed = trade.steps.filter(action=Action.ACCEPT_CANCEL).exists()
            order_id = trade.buy_order_id if seller_failed else trade.sell_order_id
            self.returned[trade.id] = order_id if order_id in self.live else None
        return self.returned.get(trade.id)

    @invariant()
    def every_trade_is_settled_once_or_lives(self) -> None:
        receipts = dict(Transaction.objects.values_list("trade_id", "amount"))
        settled = Counter(Transfer.objects.filter(ref_kind="trade").values_list("ref_id", flat=True))
        for trade in Trade.objects.all():
            sold = trade.status in {Status.RELEASED, Status.SPLIT}
            assert receipts.get(trade.id) == (trade.buyer_amount if sold else None)
            stays_reserved = self.returned_to(trade) == trade.sell_order_id
            assert settled[trade.id] == (0 if trade.status in Trade.LIVE or stays_reserved else 1)


def _fee_when_opened(trade: Trade) -> Decimal:
    """A split lowers the trade's own."""
    order = trade.sell_order
    return fee_of(trade.amount, order.taker_fee if trade.taker_side == Side.SELL else order.maker_fee)


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.mark.django_db
def test_no_sequence_of_use_cases_breaks_a_promise(cheap_passwords: None) -> None:
    run_state_machine_as_test(
        Platform,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
