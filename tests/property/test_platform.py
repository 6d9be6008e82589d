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
from orders.candidates import as_book_order
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
from tests.factories.orders import SYMBOL, act, make_market, make_trader, new_order, place_batch
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
picks = st.integers(0, 9)


STEPS: dict[str, Callable[[Trade], Any]] = {
    "pay": lambda trade: mark_paid(trade_id=trade.id, actor_id=trade.buyer_id),
    "release": lambda trade: release_trade(trade_id=trade.id, actor_id=trade.seller_id),
    "call_off": lambda trade: cancel_trade(trade_id=trade.id, actor_id=trade.buyer_id),
    "ask_to_cancel": lambda trade: request_cancel(trade_id=trade.id, actor_id=trade.seller_id),
    "agree_to_cancel": lambda trade: accept_cancel(trade_id=trade.id, actor_id=trade.buyer_id),
    "refuse_to_cancel": lambda trade: reject_cancel(trade_id=trade.id, actor_id=trade.buyer_id),
    "dispute": lambda trade: act(trade.id, Action.DISPUTE, Actor.BUYER),
    "withdraw_dispute": lambda trade: act(trade.id, Action.WITHDRAW_DISPUTE, Actor.SELLER),
    "refund": lambda trade: act(trade.id, Action.RULE_REFUND, Actor.STAFF),
    "pay_out": lambda trade: act(trade.id, Action.RULE_RELEASE, Actor.STAFF),
    "split": lambda trade: act(trade.id, Action.RULE_SPLIT, Actor.STAFF, buyer_amount=Decimal("0.5")),
}
ENDINGS = [("call_off",), ("ask_to_cancel", "agree_to_cancel"), ("pay", "release"), ("pay", "dispute", "split")]


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    """An order's options, such as make sense together."""
    options: dict[str, Any] = {
        "time_in_force": draw(st.sampled_from(["GTC", "GTC", "GTC", "GTC", "GTD", "IOC", "FOK"]))
    }
    options["payment_methods"] = draw(st.sampled_from([(), (), (), (), ("sepa",), ("revolut", "sepa"), ("cash",)]))
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
        for who, (side, price) in enumerate([("sell", "1.00"), ("buy", "0.99"), ("sell", "1.01")]):
            place_batch(self.people[who], [new_order(side, price, "33.37", min_fill=minimum) for minimum in (0, 10)])
        place_batch(self.people[1], [new_order("buy", "1.00", "20.02"), new_order("sell", "0.99", "3.33")])

    def tried(self, call: Callable[[], Any]) -> Any:
        """What `call` returned; a refusal is fine, and everything else is not."""
        try:
            return call()
        except DomainError:
            return None

    def any_order(self, pick: int) -> Order | None:
        """Those filled in part come first: they are the delicate ones."""
        orders = list(Order.objects.filter(status__in=Order.LIVE).order_by("-filled", "priority"))
        return orders[pick % len(orders)] if orders else None

    def any_trade(self, pick: int) -> Trade | None:
        trades = list(Trade.objects.filter(status__in=Trade.LIVE).order_by("reference"))
        return trades[pick % len(trades)] if trades else None

    # What people do with orders.

    @rule(who=people, batch=st.lists(wishes(), min_size=1, max_size=4), matched=st.sampled_from([True, True, False]))
    def place(self, who: int, batch: list[dict[str, Any]], matched: bool) -> None:
        new = []
        for wish in batch:
            limit = self.time + timedelta(seconds=600) if wish["time_in_force"] == "GTD" else None
            new.append(new_order(**wish | {"min_fill": min(wish["min_fill"], wish["amount"])}, expires_at=limit))
        place_orders(owner=self.people[who], new=new)
        self.all_matched = False
        if matched:
            self.match()

    @rule(who=people, wish=wishes())
    def place_one(self, who: int, wish: dict[str, Any]) -> None:
        self.place(who, [wish], matched=True)

    def match(self) -> None:
        match_market(SYMBOL)
        self.all_matched = True

    @rule(who=people, pick=picks, whole=st.booleans())
    def take(self, who: int, pick: int, whole: bool) -> None:
        if offer := self.any_order(pick):
            amount = offer.amount - offer.filled if whole else Decimal("2.5")
            taken: dict[str, Any] = {
                "offer_id": offer.id,
                "version": offer.version,
                "amount": amount,
                "payment_method": None,
            }
            self.tried(lambda: take_offer(owner=self.people[who], **taken))
            self.match()

    @rule(pick=picks, price=st.none() | prices, amount=st.none() | amounts)
    def amend(self, pick: int, price: Decimal | None, amount: Decimal | None) -> None:
        if order := self.any_order(pick):
            self.tried(lambda: amend_order(order_id=order.id, owner_id=order.owner_id, price=price, amount=amount))
            self.all_matched = False

    @rule(pick=picks, way=st.sampled_from(["one", "one", "side", "all", "switch"]))
    def cancel(self, pick: int, way: str) -> None:
        if order := self.any_order(pick):
            if way == "one":
                cancel_order(order_id=order.id, owner_id=order.owner_id)
            elif way == "switch":
                arm_cancel_after(user_id=order.owner_id, seconds=60)
            else:
                cancel_all(owner_id=order.owner_id, side=Side(order.side) if way == "side" else None)

    # What they do with trades.

    @rule(pick=picks, step=st.sampled_from(sorted(STEPS)))
    def trade_step(self, pick: int, step: str) -> None:
        if trade := self.any_trade(pick):
            self.tried(lambda: STEPS[step](trade))
            self.all_matched = False

    @rule(pick=picks, way=st.sampled_from(ENDINGS))
    def bring_to_an_end(self, pick: int, way: tuple[str, ...]) -> None:
        for step in way:
            self.trade_step(pick, step)

    # What time does, and the rest of the wallet.

    @rule(minutes=st.sampled_from([1, 9, 20, 31]), sweep=st.sampled_from(["orders", "switches", "trades", "match"]))
    def time_passes(self, minutes: int, sweep: str) -> None:
        """One sweep alone, so that what it did can be told from what the others do."""
        self.time += timedelta(minutes=minutes)
        if sweep == "orders":
            expire_orders()
            assert not Order.objects.filter(status__in=Order.LIVE, expires_at__lte=self.time).exists()
        elif sweep == "switches":
            fire_cancel_after()
        elif sweep == "trades":
            advance_due_trades()
            assert advance_due_trades() == 0
            self.all_matched = False
        else:
            self.match()

    @rule()
    def outage(self) -> None:
        advance_due_trades()
        self.time += timedelta(minutes=40)
        use_case(extend_deadlines)([(self.time - timedelta(minutes=40), self.time)])
        assert advance_due_trades() == 0
        self.all_matched = False

    @rule(who=people, amount=amounts, way=st.sampled_from(["in", "out", "out_and_back"]))
    def move_money(self, who: int, amount: Decimal, way: str) -> None:
        if way == "in":
            fund(self.people[who], amount)
        elif (withdrawal := self.tried(lambda: withdraw(self.people[who], amount))) and way == "out_and_back":
            cancel_withdrawal(withdrawal_id=withdrawal.id, user=self.people[who])

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
        book = [as_book_order(order) for order in live]
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
            phases=[Phase.generate],  # a long way from here to there is no easier to read for being shorter
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
