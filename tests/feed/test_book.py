"""The book channel: at every seq, snapshot + deltas = the book."""

import random
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from iqx.core.events import market_stream
from iqx.core.feed.book import Book, OutOfStep
from tests.feed.applications import append_events, book_snapshot
from tests.feed.clients import Client, ServerProcess
from tests.feed.conftest import StartServer

pytestmark = pytest.mark.django_db(transaction=True)

Levels = dict[str, tuple[str, int]]


class Trader:
    """Adds and removes random orders; every event says what it does to the book, some say nothing."""

    def __init__(self, market: str, seed: int) -> None:
        self._stream = market_stream(market)
        self._random = random.Random(seed)  # noqa: S311 reproducible, not secret
        self._orders: list[tuple[str, str, str]] = []

    def act(self, times: int) -> None:
        for _ in range(times):
            append_events(self._stream, [{"book": self._change()}])

    def _change(self) -> list[list[Any]]:
        if self._random.random() < 0.1:
            return []
        if self._orders and self._random.random() < 0.45:
            side, price, amount = self._orders.pop(self._random.randrange(len(self._orders)))
            return [[side, price, f"-{amount}", -1]]
        order = (
            self._random.choice(["buy", "sell"]),
            str(Decimal(self._random.randrange(90, 96)).scaleb(-2)),
            f"{self._random.randrange(1, 500)}.{self._random.randrange(10**6):06}",
        )
        self._orders.append(order)
        return [[*order, 1]]


class ClientsBook:
    """What a client makes of the channel."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        assert snapshot["type"] == "snapshot"
        self.seq = snapshot["seq"]
        self.bids: Levels = {price: (amount, orders) for price, amount, orders in snapshot["bids"]}
        self.asks: Levels = {price: (amount, orders) for price, amount, orders in snapshot["asks"]}

    def follow(self, client: Client, to: int) -> None:
        while self.seq < to:
            [delta] = client.events(1)
            assert (delta["type"], delta["seq"]) == ("delta", self.seq + 1)
            self.seq = delta["seq"]
            for levels, changed in ((self.bids, delta["bids"]), (self.asks, delta["asks"])):
                for price, amount, orders in changed:
                    levels.pop(price, None)
                    if orders:
                        levels[price] = (amount, orders)
                    else:
                        assert amount == "0.000000"

    def assert_is(self, snapshot: dict[str, Any]) -> None:
        assert self.seq == snapshot["seq"]
        for levels, shown in ((self.bids, snapshot["bids"]), (self.asks, snapshot["asks"])):
            assert levels == {price: (amount, orders) for price, amount, orders in shown}


def test_snapshot_and_deltas_are_the_book(server: ServerProcess, market: str) -> None:
    trader = Trader(market, seed=1)
    trader.act(30)
    with server.client() as client:
        answer = client.subscribe("book", market=market)
        [snapshot] = client.events(1)
        assert answer["seq"] == snapshot["seq"] == 30
        assert {side: snapshot[side] for side in ("bids", "asks")} == {
            side: book_snapshot(market)[side] for side in ("bids", "asks")
        }
        book = ClientsBook(snapshot)
        trader.act(70)
        book.follow(client, to=100)
        book.assert_is(book_snapshot(market))


def test_joining_while_the_book_changes_leaves_no_gap(start_server: StartServer, market: str) -> None:
    server = start_server(poll_s=0.01)

    def trade(seed: int) -> None:
        try:
            Trader(market, seed).act(150)
        finally:
            connection.close()

    threads = [threading.Thread(target=trade, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    clients = []
    for _ in range(10):
        context = server.client()
        client = context.__enter__()
        client.subscribe("book", market=market)
        [snapshot] = client.events(1)
        book = ClientsBook(snapshot)
        book.follow(client, to=min(snapshot["seq"] + 10, 300))
        clients.append((context, client, book))
    for thread in threads:
        thread.join()
    expected = book_snapshot(market)
    for context, client, book in clients:
        book.follow(client, to=300)
        book.assert_is(expected)
        context.__exit__(None, None, None)


def test_the_market_and_its_book_share_one_seq(server: ServerProcess, market: str) -> None:
    with server.client() as client:
        client.subscribe("book", market=market)
        client.events(1)
        client.subscribe(market=market)
        Trader(market, seed=3).act(5)
        seen = [(event["channel"], event["seq"]) for event in client.events(10)]
        for channel in ("book", "market_updates"):
            assert [seq for name, seq in seen if name == channel] == [1, 2, 3, 4, 5]


def test_a_book_out_of_step_sends_its_readers_for_a_new_one(server: ServerProcess, market: str) -> None:
    with server.client() as client, server.client() as other:
        client.subscribe("book", market=market)
        other.subscribe(market=market)
        append_events(market_stream(market), [{"book": [["buy", "0.9", "-1.000000", -1]]}])
        assert client.close_code() == 4010
        assert other.seqs(1) == [1]


def test_a_book_refuses_less_than_nothing() -> None:
    book = Book({"seq": 1, "bids": [["0.9", "5.000000", 2]], "asks": []})
    assert book.apply(2, [("buy", "0.90", "-2.000000", -1)]) == {"buy": [("0.9", "3.000000", 1)], "sell": []}
    for impossible in (("buy", "0.9", "-3.000001", -1), ("buy", "0.9", "0.000000", -1), ("sell", "1", "-1", -1)):
        with pytest.raises(OutOfStep):
            Book({"seq": 1, "bids": [["0.9", "3.000000", 1]], "asks": []}).apply(2, [impossible])
