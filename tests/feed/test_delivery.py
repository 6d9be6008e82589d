"""Every event, once, in order: whatever commits, rings, dies or is slow meanwhile."""

import contextlib
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosed

from iqx.core import clock
from iqx.core.events import forget_before, market_stream, user_stream
from tests.feed.applications import Person, append_events
from tests.feed.clients import Client, ServerProcess
from tests.feed.conftest import SERVER_NAME, StartServer

pytestmark = pytest.mark.django_db(transaction=True)


def append_in_threads(stream: str, *, threads: int, each: int) -> list[threading.Thread]:
    """Start threads that append one event per transaction, all to the same stream."""

    def work(number: int) -> None:
        try:
            for i in range(each):
                append_events(stream, [{"thread": number, "i": i}])
        finally:
            connection.close()

    started = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    return started


def test_events_come_in_commit_order_without_a_gap(server: ServerProcess, market: str) -> None:
    stream = market_stream(market)
    with server.client() as client:
        assert client.subscribe(market=market)["seq"] == 0
        writers = append_in_threads(stream, threads=2, each=100)
        events = client.events(200)
        for writer in writers:
            writer.join()
    assert [event["seq"] for event in events] == list(range(1, 201))
    for number in (0, 1):
        assert [e["data"]["i"] for e in events if e["data"]["thread"] == number] == list(range(100))


def test_since_resumes_exactly_after_it(server: ServerProcess, market: str) -> None:
    append_events(market_stream(market), ({"i": i} for i in range(1_000)))
    with server.client() as client:
        assert client.subscribe(market=market, since=10)["seq"] == 1_000
        assert client.seqs(990) == list(range(11, 1_001))
        append_events(market_stream(market), [{"i": 1_000}])
        assert client.seqs(1) == [1_001]
        assert client.is_quiet()


def test_who_resumes_below_the_floor_is_told_so(server: ServerProcess, market: str) -> None:
    stream = market_stream(market)
    for i in range(10):
        append_events(stream, [{"i": i}])
    assert forget_before(clock.now() + timedelta(seconds=1), limit=4) == 4
    with server.client() as client:
        for since in (0, 3):
            refusal = client.ask("subscribe", channel="market_updates", market=market, since=since)
            assert refusal["code"] == "events_gone"
        assert client.subscribe(market=market, since=4)["seq"] == 10
        assert client.seqs(6) == list(range(5, 11))


def test_without_since_the_next_event_is_the_first(server: ServerProcess, market: str) -> None:
    append_events(market_stream(market), [{}, {}, {}])
    with server.client() as client:
        assert client.subscribe(market=market)["seq"] == 3
        assert client.is_quiet()
        append_events(market_stream(market), [{}])
        assert client.seqs(1) == [4]


def test_joining_while_events_commit_leaves_no_gap(start_server: StartServer, market: str) -> None:
    """Subscriptions from the start, from the middle and from now on, all made while two threads append."""
    server = start_server(poll_s=0.01)
    stream = market_stream(market)
    append_events(stream, ({"i": i} for i in range(300)))
    writers = append_in_threads(stream, threads=2, each=150)
    for since in (0, 150, 299, None) * 5:
        with server.client() as client:
            answer = client.subscribe(**{"market": market, "since": since} if since is not None else {"market": market})
            first = (answer["seq"] if since is None else since) + 1
            if first <= 500:
                assert client.seqs(50) == list(range(first, first + 50))
    for writer in writers:
        writer.join()
    with server.client() as client:
        client.subscribe(market=market, since=0)
        assert client.seqs(600) == list(range(1, 601))


def test_the_bell_of_the_own_process_is_faster_than_the_poll(start_server: StartServer, market: str) -> None:
    server = start_server(poll_s=60)
    with server.client() as client:
        client.subscribe(market=market)
        server.append((market_stream(market), "order_created", {}))
        assert client.seqs(1) == [1]


def test_without_a_bell_polling_delivers_all(start_server: StartServer, market: str) -> None:
    """The events come from a process whose in-memory bell the server can't hear."""
    server = start_server(poll_s=0.2)
    with server.client() as client:
        client.subscribe(market=market)
        for i in range(1, 6):
            append_events(market_stream(market), [{"i": i}])
            assert client.seqs(1) == [i]


def test_one_event_reaches_every_subscriber(server: ServerProcess, market: str) -> None:
    other = f"USDT-{uuid4().hex[:8]}"
    with server.client() as one, server.client() as two, server.client() as elsewhere:
        one.subscribe(market=market)
        two.subscribe(market=market)
        elsewhere.subscribe(market=other)
        append_events(market_stream(market), [{}])
        assert one.seqs(1) == two.seqs(1) == [1]
        assert elsewhere.is_quiet()


def test_a_private_stream_reaches_its_owner_alone(server: ServerProcess, person: Person, stranger: Person) -> None:
    with server.client(person.token) as mine, server.client(stranger.token) as theirs:
        mine.subscribe("user")
        theirs.subscribe("user")
        append_events(user_stream(person.user_id), [{"amount": "1.000000"}], type="wallet_updated")
        [event] = mine.events(1)
        assert event["type"] == "wallet_updated"
        assert event["data"] == {"amount": "1.000000"}
        assert theirs.is_quiet()


def test_the_feed_survives_the_loss_of_its_database_connections(server: ServerProcess, market: str) -> None:
    with server.client() as client:
        client.subscribe(market=market)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = %s",
                [SERVER_NAME],
            )
            assert cursor.fetchone()[0] > 0
        append_events(market_stream(market), [{}])
        assert client.seqs(1) == [1]


def test_a_slow_client_is_closed_and_the_others_are_not(start_server: StartServer, market: str) -> None:
    """What it does not read waits in bounds: five slow clients and 20 MB cost the server next to nothing."""
    server = start_server(poll_s=0.05, outbox_size=500_000)
    with contextlib.ExitStack() as stack:
        quick = stack.enter_context(server.client())
        slow = [stack.enter_context(server.client(max_queue=1)) for _ in range(5)]
        for client in (quick, *slow):
            client.subscribe(market=market)
        before_mb = server.memory_mb()
        for _ in range(50):
            append_events(market_stream(market), [{"padding": "x" * 100_000}] * 4)
            quick.events(4)
        assert server.memory_mb() - before_mb < 60
        for client in slow:
            had = read_to_the_end(client)
            assert had.seqs == list(range(1, len(had.seqs) + 1))
            assert had.code == 4008
        with server.client() as again:
            again.subscribe(market=market, since=len(had.seqs))
            assert again.seqs(200 - len(had.seqs)) == list(range(len(had.seqs) + 1, 201))


def test_a_client_that_takes_nothing_is_closed_though_little_waits(start_server: StartServer, market: str) -> None:
    server = start_server(poll_s=0.05, stall_s=0.3, outbox_size=1 << 30)
    with server.client() as quick, server.client(max_queue=1) as slow:
        quick.subscribe(market=market)
        slow.subscribe(market=market)
        append_events(market_stream(market), [{"padding": "x" * 100_000}] * 150)
        quick.events(150)
        time.sleep(1)
        assert read_to_the_end(slow).code == 4008


@dataclass
class Had:
    seqs: list[int]
    code: int | None


def read_to_the_end(client: Client) -> Had:
    had = Had([], None)
    try:
        while True:
            had.seqs += client.seqs(1)
    except ConnectionClosed as closed:
        had.code = closed.rcvd.code if closed.rcvd else None
    return had
