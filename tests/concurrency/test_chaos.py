"""Everybody does anything for a while; afterwards the books are clean and nobody met an error of ours."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Max, Min

from accounts.models import User
from disputes.models import Dispute
from disputes.services import open_dispute, withdraw_dispute
from iqx.core.errors import Busy, DomainError, NotFound
from iqx.core.events import market_stream
from iqx.core.feed.book import Book
from iqx.core.models import Event
from orders.models import Order
from orders.selectors import book_snapshot
from orders.services import amend_order, cancel_all, cancel_order, expire_orders
from tests.factories.orders import SYMBOL, make_market, make_trader, new_order, place_batch, take
from tests.factories.racing import at_once
from tests.factories.wallets import withdraw
from trades.clocks import advance_due_trades
from trades.matching_run import match_market
from trades.models import Trade
from trades.services import accept_cancel, cancel_trade, mark_paid, release_trade, request_cancel
from wallets.audit import audit

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = [mark_paid, mark_paid, release_trade, cancel_trade, request_cancel, accept_cancel]
THREADS = 8
SECONDS = 5
MARKETS = (SYMBOL, "USDT-USD")


class Person:
    """One thread's random acts, on its own and on others' orders and trades."""

    def __init__(self, seed: int, me: User) -> None:
        self.random = random.Random(seed)  # noqa: S311 (not for secrets)
        self.me = me
        self.tally: Counter[str] = Counter()
        self.errors: list[Exception] = []

    def live(self, until: float) -> None:
        try:
            while time.monotonic() < until:
                self.act(self.random.choice(self.ACTS))
        finally:
            connection.close()

    def act(self, deed: Callable[["Person"], Any]) -> None:
        try:
            deed(self)
            self.tally[deed.__name__] += 1
        except DomainError as refusal:
            self.tally[refusal.code] += 1
            if isinstance(refusal, Busy):
                self.errors.append(refusal)
        except Exception as error:
            self.errors.append(error)

    def some(self, rows: Any) -> Any:
        found = list(rows.order_by("?")[:1])
        if not found:
            raise NotFound
        return found[0]

    def place(self) -> None:
        side = self.random.choice(["buy", "sell"])
        new = [
            new_order(
                side,
                Decimal(self.random.randint(97, 103)) / 100,
                self.random.randint(1, 40),
                market=self.random.choice(MARKETS),
                time_in_force=self.random.choice(["GTC", "GTC", "IOC", "FOK"]),
                min_fill=self.random.choice([0, 0, 1]),
            )
            for _ in range(self.random.randint(1, 3))
        ]
        place_batch(self.me, new)

    def take(self) -> None:
        offer = self.some(Order.objects.filter(status="open"))
        take(self.me, offer, min(offer.amount - offer.filled, Decimal(self.random.randint(1, 20))))

    def cancel(self) -> None:
        order = self.some(Order.objects.filter(owner=self.me, status="open"))
        cancel_order(order_id=order.id, owner_id=self.me.id)

    def cancel_all(self) -> None:
        cancel_all(owner_id=self.me.id, market=self.random.choice([None, *MARKETS]))

    def amend(self) -> None:
        order = self.some(Order.objects.filter(owner=self.me, status="open"))
        amend_order(order_id=order.id, owner_id=self.me.id, amount=Decimal(self.random.randint(1, 40)))
        match_market(order.market_id)

    def trade_step(self) -> None:
        """By whoever's turn it is, or not: both parties' calls come from any thread."""
        trade = self.some(Trade.objects.filter(status__in=Trade.LIVE))
        use_case = self.random.choice(STEPS)
        party = self.random.choice([trade.buyer_id, trade.seller_id])
        use_case(trade_id=trade.id, actor_id=party)
        match_market(trade.market_id)

    def dispute(self) -> None:
        trade = self.some(Trade.objects.filter(status="paid"))
        open_dispute(trade_id=trade.id, actor_id=trade.buyer_id, reason="not_released", statement="I have paid")

    def withdraw_dispute(self) -> None:
        case = self.some(Dispute.objects.filter(status="open").select_related("trade"))
        withdraw_dispute(dispute_id=case.id, actor_id=case.trade.buyer_id)

    def withdraw(self) -> None:
        withdraw(self.me, self.random.randint(1, 5))

    def sweep(self) -> None:
        expire_orders()
        advance_due_trades()

    ACTS = (
        place, place, place, place, take, take, cancel, cancel_all, amend, amend, trade_step, trade_step, trade_step,
        dispute, withdraw_dispute, withdraw, sweep,
    )  # fmt: skip


def test_anything_at_once_leaves_clean_books() -> None:
    for symbol in MARKETS:
        make_market(symbol, maker_fee=Decimal("0.001"), taker_fee=Decimal("0.0025"))
    people = [Person(seed, make_trader(2000)) for seed in range(THREADS)]
    until = time.monotonic() + SECONDS
    at_once([partial(person.live, until) for person in people])
    assert [repr(error) for person in people for error in person.errors] == []
    tally = sum((person.tally for person in people), Counter[str]())
    assert all(tally[name] for name in ("place", "take", "cancel", "amend", "trade_step")), tally
    for symbol in MARKETS:
        match_market(symbol)
        assert_drawn_by_its_events(symbol)
    assert_streams_gapless()
    assert audit() == []
    assert threading.active_count() < THREADS


def assert_drawn_by_its_events(symbol: str) -> None:
    book = Book({"seq": 0, "bids": [], "asks": []})
    for event in Event.objects.filter(stream=market_stream(symbol)).order_by("seq"):
        book.apply(event.seq, event.book or [])
    shown = book_snapshot(symbol)
    assert [list(level) for level in book.bids()] == shown["bids"]
    assert [list(level) for level in book.asks()] == shown["asks"]


def assert_streams_gapless() -> None:
    for row in Event.objects.values("stream").annotate(first=Min("seq"), last=Max("seq"), count=Count("seq")):
        assert (row["first"], row["last"]) == (1, row["count"]), row
