"""Group commit: whoever holds the market's book matches all its pending orders, in one transaction.

Placing an order is a short transaction of its own, so while one run writes and commits, the orders of everybody
else gather, and the next run takes them all. A fixed number of statements serves however many orders and fills.
An order whose server dies before this step is taken up by whoever comes next, or by the worker.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from itertools import count

from django.db import transaction

from iqx.core import bulk, clock, events, hot, metrics
from iqx.core.hot import build
from iqx.core.ids import new_id
from iqx.core.money import ZERO, fee_of, fiat_total
from iqx.core.transactions import use_case
from orders.acceptance import Acceptance
from orders.book import BookChanges, lock_books
from orders.candidates import SELECT_WITH_OWNERS, Candidates, as_book_order, ask_candidates, with_owners
from orders.events import order_event
from orders.matching import Arrival, CloseReason, Fill, Side, match
from orders.models import Market, Order
from orders.payment_rules import payment_window
from trades.events import order_filled, trade_update
from trades.greetings import greet
from trades.models import Trade
from wallets import ledger

BATCH = 500

_PENDING = f"{SELECT_WITH_OWNERS} WHERE market_id = %s AND status = 'pending' ORDER BY priority LIMIT %s"

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def match_market(symbol: str) -> None:
    """Match all pending orders of a market.

    Raises: Busy, if the book can't be had in time; the orders stay pending and are matched by the next run.
    """
    more = True
    while more:
        with metrics.matching("in_company"):
            more = _match_batch(symbol)


@use_case(pipelined=True)
def _match_batch(symbol: str) -> bool:
    """Match the oldest pending orders; whether more are pending.

    Locks: the book, wallets of orders that end with something left, streams.
    Emits: order_created or order_updated, order_filled, trade_opened, order_cancelled, order_expired, wallet_updated.
    """
    (market,) = lock_books([symbol])
    pending = with_owners(hot.ask(_PENDING, [symbol, BATCH]))
    if pending and market.status == Market.Status.TRADING:
        run = MatchingRun(market, pending)
        run.execute()
        return len(pending) == BATCH or bool(run.requeued)
    return False


def preview(orders: Sequence[Order]) -> list[Trade]:
    """The trades that these pending orders would make now; written nowhere. Changes the orders as they would."""
    trades = []
    for market in {order.market for order in orders}:
        run = MatchingRun(market, [order for order in orders if order.market == market])
        run.plan()
        trades += run.trades
    return trades


class MatchingRun:
    """One batch of pending orders against the book of their market, whose lock is held.

    `asked` are the candidates, if they were asked for already.
    """

    def __init__(self, market: Market, pending: list[Order], asked: Callable[[], Candidates] | None = None) -> None:
        self.now = clock.now()
        self._asked = asked
        self.market = market
        self.changes = BookChanges(self.now)
        self.trades: list[Trade] = []
        self.requeued: list[Order] = []
        expired = {o.id for o in pending if o.expires_at and o.expires_at <= self.now}
        self.pending = [o for o in pending if o.id not in expired]
        self.orders = {o.id: o for o in pending}
        for order_id in expired:
            self.changes.close(self.orders[order_id], Order.Status.EXPIRED, CloseReason.TIME_IS_UP)

    def execute(self) -> None:
        self.plan()
        self.write()

    def write(self, accepted: Acceptance | None = None) -> None:
        """Write what was planned; for orders `accepted` in this transaction, they and their reservations, too.

        Locks: wallets of orders that end with something left, streams.
        """
        if accepted:
            self._leave_change_with_trades(accepted)
        self.changes.write(accepted)
        if self.trades:
            self._open_trades()
            self.changes.events += greet(self.trades, self.orders)
        events.append(self.changes.events)
        transaction.on_commit(self._count)

    def _count(self) -> None:
        metrics.batch_orders.observe(len(self.pending))
        if self.trades:
            metrics.fills.labels(self.market.symbol).inc(len(self.trades))

    def _leave_change_with_trades(self, accepted: Acceptance) -> None:
        """Let trades hold what makers get back whose wallets are not free: it returns when the trade ends.

        The owner's wallet is locked already, so waiting for others could be waiting in a circle.
        """
        others = self.changes.wallets() - accepted.balances.keys()
        accepted.balances |= ledger.lock_free_wallets(others)
        last_trades = {trade.sell_order_id: trade for trade in self.trades}
        for order_id, change in self.changes.keep_locked(others - accepted.balances.keys()).items():
            last_trades[order_id].escrow += change

    def plan(self) -> None:
        """Decide everything, write nothing."""
        arrivals = self._match()
        for arrival in arrivals:
            self._apply(arrival)
        self._requeue_below_minimum(arrivals)

    def _match(self) -> list[Arrival]:
        """Run the algorithm on as much of the book as these orders can reach."""
        for attempt in count():
            incoming = [as_book_order(order) for order in self.pending]
            owners = {order.owner for order in incoming}
            read = self._asked or ask_candidates(self.market.symbol, incoming, owners, self.now, attempt)
            candidates, self._asked = read(), None
            self.orders = candidates.orders | self.orders  # those that are pending are in no book
            for order in incoming:
                order.shuns = candidates.shunned.get(order.owner, frozenset())
                order.standing = candidates.standings.get(order.owner)
            arrivals = match(incoming, candidates.resting)
            if candidates.suffice_for(arrivals):
                break
        return arrivals

    def _apply(self, arrival: Arrival) -> None:
        """Carry one order's outcome over to the rows, and tell it in the order in which it happened."""
        order = self.orders[arrival.order.id]
        self.changes.touch(order)
        order.status = Order.Status.OPEN
        left = order.amount - order.filled
        self.changes.events += order_event(
            order,
            "order_updated" if order.announced else "order_created",
            level=(left, 1) if arrival.rests and not arrival.fills else None,
        )
        order.announced = True
        for number, fill in enumerate(arrival.fills, start=1):
            self._fill(order, fill, taker_rests=arrival.rests and number == len(arrival.fills))
        if arrival.killed:
            order.status = Order.Status.PENDING  # it was never in the book
            self.changes.close(order, Order.Status.CANCELLED, arrival.killed)

    def _requeue_below_minimum(self, arrivals: list[Arrival]) -> None:
        """Match again what a fill brought below its own minimum: it trades whole now, also with smaller orders."""
        makers = {fill.maker: self.orders[fill.maker] for arrival in arrivals for fill in arrival.fills}
        self.requeued = [
            order
            for order in makers.values()
            if order.status == Order.Status.OPEN and order.amount - order.filled < order.min_fill
        ]
        for order in self.requeued:
            self.changes.requeue(order)

    def _fill(self, taker: Order, fill: Fill, *, taker_rests: bool) -> None:
        maker = self.orders[fill.maker]
        buy, sell = (taker, maker) if taker.side == Side.BUY else (maker, taker)
        buyer, seller = buy.owner, sell.owner
        trade = build(
            Trade,
            {
                "id": new_id(),
                "market_id": self.market.symbol,
                "buy_order_id": buy.id,
                "sell_order_id": sell.id,
                "buyer_id": buyer.id,
                "seller_id": seller.id,
                "taker_side": taker.side,
                "amount": fill.amount,
                "price": fill.price,
                "total": fiat_total(fill.amount, fill.price, self.market.quote),
                "quote": self.market.quote,
                "buyer_fee": fee_of(fill.amount, _fee_rate(buy, is_taker=buy is taker)),
                "seller_fee": fee_of(fill.amount, _fee_rate(sell, is_taker=sell is taker)),
                "buyer_amount": None,
                "payment_method": fill.payment_method,
                "escrow": ZERO,
                "private": maker.link is not None,
                "reference": new_reference(),
                "status": Trade.Status.AWAITING_PAYMENT,
                "deadline": self.now + timedelta(seconds=payment_window(self.market, fill.payment_method)),
                "extended": None,
                "reminded": False,
                "cancel_requested_at": None,
                "created_at": self.now,
                "paid_at": None,
                "closed_at": None,
                "version": 1,
            },
            buyer=buyer,
            seller=seller,
        )
        self.trades.append(trade)
        trade.escrow = fill.amount + trade.seller_fee
        sell.reserved -= trade.escrow  # the same locked USDT, now held by the trade
        for order in (maker, taker):
            self.changes.touch(order)
            order.filled += fill.amount
            if order.filled == order.amount:
                self.changes.close(order, Order.Status.FILLED)
        self.changes.events += order_filled(maker, taker, trade, taker_rests=taker_rests)
        self.changes.events += trade_update(trade, "trade_opened")

    def _open_trades(self) -> None:
        """Write the trades and their first steps, and what was last paid in public: one statement."""
        prices = [trade.price for trade in self.trades if not trade.private]
        rows = [{column: getattr(trade, column) for column in _TRADE_COLUMNS} for trade in self.trades]
        last = (prices[-1], self.now) if prices else (None, None)
        hot.run(_open_statement(), [bulk.as_json(rows), *last, self.market.symbol])


def _fee_rate(order: Order, *, is_taker: bool) -> Decimal:
    rate: Decimal = order.taker_fee if is_taker else order.maker_fee
    return rate


def new_reference() -> str:
    """`IQX-7K3M9QPT2V`: short enough for a bank transfer's subject, long enough (50 bits) not to be met by chance."""
    number = secrets.randbits(50)
    return "IQX-" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(0, 50, 5))


_TRADE_COLUMNS = (
    "id", "market_id", "buy_order_id", "sell_order_id", "buyer_id", "seller_id", "taker_side", "amount", "price",
    "total", "quote", "buyer_fee", "seller_fee", "escrow", "payment_method", "reference", "status", "deadline",
    "reminded", "created_at", "version", "private",
)  # fmt: skip


@cache
def _open_statement() -> str:
    return f"""
        WITH opened AS (
            {bulk.insertion(Trade, _TRADE_COLUMNS)} RETURNING id, status, created_at
        ), priced AS (
            UPDATE orders_book SET last_price = p.price, last_fill_at = p.at
            FROM (SELECT %s::numeric, %s::timestamptz) AS p(price, at) WHERE market_id = %s AND p.price IS NOT NULL
        )
        INSERT INTO trades_step (trade_id, action, actor, status, note, at)
        SELECT id, 'open', 'system', status, '', created_at FROM opened
    """  # noqa: S608 names alone
