"""Several processes over Redis, and Redis taken away."""

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from websockets.exceptions import ConnectionClosed

from iqx.core.events import market_stream
from tests.feed.applications import Person
from tests.feed.clients import Client, ServerProcess
from tests.feed.conftest import StartServer
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = 3600


class OwnRedis:
    """A Redis that a test may kill."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder), "--save", ""]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with contextlib.closing(redis.Redis.from_url(self.url)) as client:
            give_up_at = time.monotonic() + 10
            while True:
                with contextlib.suppress(redis.RedisError):
                    client.ping()
                    return
                assert time.monotonic() < give_up_at
                time.sleep(0.02)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def own_redis(redis_url: str, tmp_path: Path) -> Iterator[OwnRedis]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(f"no redis-server to kill (there is one at {redis_url})")
    own = OwnRedis(program, tmp_path)
    own.start()
    yield own
    own.kill()


def test_an_event_committed_in_one_process_reaches_sockets_on_another(
    start_server: StartServer, redis_url: str, market: str
) -> None:
    here, there = (start_server(redis=redis_url, poll_s=NEVER) for _ in range(2))
    with there.client() as client:
        client.subscribe(market=market)
        ring_until_heard(here, client)
        here.append((market_stream(market), "order_created", {}))
        assert client.seqs(1) == [1]


def test_a_session_ended_in_one_process_closes_sockets_on_another(
    start_server: StartServer, redis_url: str, person: Person
) -> None:
    here, there = (start_server(redis=redis_url, poll_s=NEVER) for _ in range(2))
    with there.client(person.token) as client:
        client.subscribe("user")
        ring_until_heard(here, client)
        here.ring_ended(str(person.session_id))
        assert client.close_code() == 4001


def test_redis_killed_and_started_under_load_loses_nothing(
    start_server: StartServer, own_redis: OwnRedis, market: str
) -> None:
    """One feed polls, another has nothing but the bell, which must come back by itself."""
    here = start_server(redis=own_redis.url, poll_s=0.2)
    there = start_server(redis=own_redis.url, poll_s=NEVER)
    with here.client() as near, there.client() as far:
        near.subscribe(market=market, since=0)
        far.subscribe(market=market, since=0)
        with load_through(here, market):
            seqs = near.seqs(50)
            own_redis.kill()
            seqs += near.seqs(50)
            own_redis.start()
            seqs += near.seqs(50)
            assert seqs == list(range(1, 151))
            assert far.seqs(150) == list(range(1, 151))


def test_clients_of_a_feed_killed_under_load_resume_with_another(
    start_server: StartServer, redis_url: str, market: str
) -> None:
    """Of two feeds one is killed with -9; its clients have every seq once, and those of the other notice nothing."""
    doomed, other = (start_server(redis=redis_url, poll_s=0.2) for _ in range(2))
    with contextlib.ExitStack() as stack, load_through(other, market):
        spared = stack.enter_context(other.client())
        spared.subscribe(market=market, since=0)
        lost = [stack.enter_context(doomed.client()) for _ in range(5)]
        for client in lost:
            client.subscribe(market=market, since=0)
        had = [client.seqs(30) for client in lost]
        doomed.process.kill()
        for client, seqs in zip(lost, had, strict=True):
            seqs.extend(the_rest(client))
            again = stack.enter_context(other.client())
            again.subscribe(market=market, since=seqs[-1])
            seqs.extend(again.seqs(50))
            assert seqs == list(range(1, len(seqs) + 1))
        assert spared.seqs(80) == list(range(1, 81))


@contextlib.contextmanager
def load_through(server: ServerProcess, market: str) -> Iterator[None]:
    """Have one event after the other committed by a server, as long as the block lasts."""
    ended = threading.Event()

    def load() -> None:
        while not ended.is_set():
            server.append((market_stream(market), "order_created", {}))

    writer = threading.Thread(target=load)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def the_rest(client: Client) -> list[int]:
    """What had been sent before the connection broke."""
    seqs: list[int] = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            seqs += client.seqs(1)
    return seqs


def ring_until_heard(server: ServerProcess, client: Client) -> None:
    """Wait until the client's process has joined the channel layer, which it does beside serving."""
    client.subscribe(market="USDT-WARM-UP", since=0)
    give_up_at = time.monotonic() + 10
    while True:
        server.append((market_stream("USDT-WARM-UP"), "order_created", {}))
        with contextlib.suppress(TimeoutError):
            client.receive(timeout=0.3)
            break
        assert time.monotonic() < give_up_at
    client.ask("unsubscribe", channel="market_updates", market="USDT-WARM-UP")
