"""`manage.py worker`: a process of its own, asked to work, killed, cut off from its database, and told to end."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from iqx.core import jobs
from iqx.core.models import Pulse
from orders.models import Market, Order
from orders.services import place_orders
from tests.factories.orders import new_order
from tests.factories.trading import buyer, market, quick_and_unlimited, seller
from tests.feed.clients import address_of_the_database
from tests.runtime.conftest import eventually
from tests.runtime.processes import PROCESS_NAME, Command, command
from wallets.models import UnrolledEntry

__all__ = ["buyer", "market", "quick_and_unlimited", "seller"]

pytestmark = pytest.mark.django_db(transaction=True)

JOB = "wallets.roll_up_system_accounts"


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Command]:
    Pulse.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")  # those that other tests killed
    with command("worker") as started:
        yield started


def ask_for_a_job() -> None:
    jobs.defer(JOB, timestamp=0)


def count_jobs(status: str) -> int:
    """Of those that are asked for here; the clock asks too, and says when."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = %s::procrastinate_job_status"
            " AND coalesce(args->>'timestamp', '0') = '0'",
            [JOB, status],
        )
        return int(cursor.fetchone()[0])


def count_workers() -> int:
    """Of those that take jobs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def works() -> bool:
    """Whether a worker beats, and so has its hands on signals, too."""
    return Pulse.objects.filter(kind="worker").exists()


def is_done(order: Order) -> bool:
    return Order.objects.get(pk=order.pk).status == "open"


def forget_an_order(owner: User) -> Order:
    """Place an order as a server does that dies before it can match."""
    (placement,) = place_orders(owner=owner, new=[new_order("sell", 1, 10)])
    assert placement.order
    return placement.order


def test_it_runs_jobs_and_keeps_those_that_failed_only(market: Market, seller: User, worker: Command) -> None:
    assert UnrolledEntry.objects.exists()
    ask_for_a_job()
    jobs.defer(JOB, nonsense=1)
    assert eventually(lambda: not UnrolledEntry.objects.exists(), within_s=30)
    assert eventually(lambda: count_jobs("failed") == 1)
    assert eventually(lambda: count_jobs("succeeded") + count_jobs("todo") + count_jobs("doing") == 0)


def test_it_matches_what_was_forgotten_and_beats(market: Market, seller: User, worker: Command) -> None:
    order = forget_an_order(seller)
    assert eventually(lambda: is_done(order), within_s=30)
    assert works()


def test_a_job_whose_worker_was_killed_is_run_again(market: Market, seller: User) -> None:
    ask_for_a_job()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)"
        )
    with command("worker") as worker:
        assert eventually(lambda: not UnrolledEntry.objects.exists(), within_s=30)
        worker.wait_for("the job is run again", within_s=1)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_seconds_when_it_is_told_to(signum: signal.Signals, worker: Command) -> None:
    assert eventually(works, within_s=30)
    assert eventually(lambda: count_workers() == 1)  # it beats before it takes jobs
    told_at = time.monotonic()
    assert worker.end(signum) == 0
    assert time.monotonic() - told_at < 5
    assert count_workers() == 0


def test_it_finishes_the_job_in_hand_when_it_is_told_to_end(market: Market, seller: User, worker: Command) -> None:
    with psycopg.connect(address_of_the_database()) as other:
        other.execute("LOCK TABLE wallets_unrolledentry IN ACCESS EXCLUSIVE MODE")
        ask_for_a_job()
        assert eventually(lambda: count_jobs("doing") == 1, within_s=30)
        assert eventually(lambda: is_waiting_for("wallets_unrolledentry"), within_s=30)
        worker.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert worker.process.poll() is None
    assert worker.process.wait(timeout=5) == 0
    assert not UnrolledEntry.objects.exists()
    assert count_jobs("doing") + count_jobs("todo") == 0


def is_waiting_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted", [table])
        return cursor.fetchone() is not None


@contextlib.contextmanager
def database_cut_off() -> Iterator[None]:
    """The database is away, except for this test, which is connected already."""
    name = connection.settings_dict["NAME"]
    quoted = connection.ops.quote_name(name)
    with psycopg.connect(address_of_the_database(), dbname="postgres", autocommit=True) as server:
        server.execute(f"ALTER DATABASE {quoted} ALLOW_CONNECTIONS false")
        try:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND datname = %s",
                [PROCESS_NAME, name],
            )
            yield
        finally:
            server.execute(f"ALTER DATABASE {quoted} ALLOW_CONNECTIONS true")


def test_an_outage_of_the_database_is_told_in_a_line_and_survived(
    market: Market, seller: User, worker: Command
) -> None:
    first = forget_an_order(seller)
    assert eventually(lambda: is_done(first), within_s=30)
    with database_cut_off():
        worker.wait_for("The database does not answer")
        worker.wait_for("No jobs are run for the moment")
        time.sleep(3)
        second = forget_an_order(seller)
        told = [line for line in worker.lines if not line.startswith(("mail to ", "    "))]
        assert len(told) <= 6, worker.text
    ask_for_a_job()
    assert eventually(lambda: is_done(second), within_s=40)
    assert eventually(lambda: not UnrolledEntry.objects.exists(), within_s=40)
    assert "Traceback" not in worker.text


def test_it_ends_within_seconds_even_without_its_database(worker: Command) -> None:
    assert eventually(Pulse.objects.exists, within_s=30)
    with database_cut_off():
        worker.wait_for("The database does not answer")
        told_at = time.monotonic()
        assert worker.end() == 0
        assert time.monotonic() - told_at < 10


def test_it_ends_within_seconds_though_a_job_in_hand_waits_for_the_database(
    market: Market, seller: User, worker: Command
) -> None:
    with psycopg.connect(address_of_the_database()) as other:
        other.execute("LOCK TABLE wallets_unrolledentry IN ACCESS EXCLUSIVE MODE")
        ask_for_a_job()
        assert eventually(lambda: is_waiting_for("wallets_unrolledentry"), within_s=30)
        with database_cut_off():
            told_at = time.monotonic()
            assert worker.end() == 0
            assert time.monotonic() - told_at < 10


def test_two_workers_share_the_work(market: Market, seller: User, worker: Command) -> None:
    with command("worker") as second:
        orders = [forget_an_order(seller) for _ in range(5)]
        assert eventually(lambda: all(is_done(order) for order in orders), within_s=30)
        assert [os.waitpid(w.process.pid, os.WNOHANG)[0] for w in (worker, second)] == [0, 0]
        assert "Traceback" not in worker.text + second.text
