"""The chores: done each round, whatever becomes of one of them or of the database."""

import logging
import time
from datetime import timedelta
from typing import NoReturn

import psycopg
import pytest
from django.db import OperationalError, connection

from accounts.models import User
from accounts.services import suspend_user
from iqx.core import pulse
from iqx.core.errors import Busy
from iqx.core.models import Outage, PulseKind
from iqx.runtime import sweeper
from iqx.runtime.sweeper import Chore, Sweeper, chores, match_forgotten_orders
from orders.models import Market, Order
from orders.services import arm_cancel_after, place_orders
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock, new_order, place
from tests.factories.trading import buyer, market, moved_clock, quick_and_unlimited, seller
from tests.factories.wallets import balance_of
from tests.runtime.conftest import eventually

__all__ = ["buyer", "market", "moved_clock", "quick_and_unlimited", "seller"]

pytestmark = pytest.mark.django_db


class Counter:
    """A chore's work that counts how often it is done, and fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.calls = 0
        self._failures = list(failures)

    def __call__(self) -> None:
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)


@pytest.fixture(autouse=True)
def connection_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction lives on the connection that a round gives back."""
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock by which chores fall due, in its one element."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_fault_in_one_chore_holds_up_no_other(seconds: list[float], caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = Counter(ZeroDivisionError()), Counter()
    Sweeper([Chore("divide", broken), Chore("add", sound)]).round()
    assert (broken.calls, sound.calls) == (1, 1)
    assert messages(caplog) == ["Failed to divide"]


def test_a_chore_that_keeps_failing_rests_longer_and_recovers(seconds: list[float]) -> None:
    broken = Counter(*[ZeroDivisionError()] * 13)
    sweeping = Sweeper([Chore("divide", broken)])
    for _ in range(120):
        sweeping.round()
        seconds[0] += 1
    assert broken.calls == 11  # after 2, 4, 8, and then each 15 seconds
    seconds[0] += 60 * 10
    for _ in range(6):
        sweeping.round()
        seconds[0] += 60
    calls = broken.calls
    sweeping.round()
    seconds[0] += 1
    sweeping.round()
    assert broken.calls == calls + 2


def test_a_chore_that_fails_is_no_outage_of_the_worker(seconds: list[float], moved_clock: MovedClock) -> None:
    """What beats is a chore itself: if it rested too long, every deadline would move away as fast as time goes by."""

    def beat_and_fail() -> NoReturn:
        pulse.beat(PulseKind.WORKER)
        raise ZeroDivisionError

    sweeping = Sweeper([Chore("divide", beat_and_fail)])
    for _ in range(200):
        sweeping.round()
        seconds[0] += 1
        moved_clock.pass_by(1)
    assert not Outage.objects.exists()


def test_a_chore_whose_rows_are_busy_is_tried_again_in_the_next_round(
    seconds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    busy = Counter(Busy())
    sweeping = Sweeper([Chore("wait", busy)])
    sweeping.round()
    sweeping.round()
    assert busy.calls == 2
    assert messages(caplog) == []


def test_rare_chores_are_done_rarely(seconds: list[float]) -> None:
    rare = Counter()
    sweeping = Sweeper([Chore("purge", rare, every_s=600)])
    for _ in range(601):
        sweeping.round()
        seconds[0] += 1
    assert rare.calls == 2


def test_an_outage_is_told_once_and_slows_the_rounds(
    seconds: list[float], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Counter(*[OperationalError("gone")] * 5), Counter()

    def refuse() -> NoReturn:
        raise OperationalError("gone")

    sweeping = Sweeper([Chore("one", first), Chore("two", second)])
    with monkeypatch.context() as outage:
        outage.setattr(connection, "cursor", refuse)
        for _ in range(5):
            sweeping.round()
    assert (first.calls, second.calls) == (5, 0)
    assert messages(caplog) == ["The database does not answer; the chores wait for it: gone"]
    assert sweeping._pause_s == 15

    sweeping.round()
    assert messages(caplog)[1:] == ["The database answers again; the chores go on"]
    assert sweeping._pause_s == 1
    assert second.calls == 1


def test_a_database_that_answers_is_no_outage(seconds: list[float], caplog: pytest.LogCaptureFixture) -> None:
    odd, sound = Counter(OperationalError("out of memory")), Counter()
    Sweeper([Chore("sort", odd), Chore("add", sound)]).round()
    assert sound.calls == 1
    assert messages(caplog) == ["Failed to sort"]


@pytest.mark.parametrize("cause", [psycopg.errors.AdminShutdown("terminated"), psycopg.OperationalError("closed")])
def test_a_connection_that_was_cut_is_an_outage_though_another_one_answers(
    cause: psycopg.Error, seconds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    cut = OperationalError("the connection is gone")
    cut.__cause__ = cause
    chore = Counter(cut)
    sweeping = Sweeper([Chore("add", chore)])
    sweeping.round()
    assert messages(caplog) == ["The database does not answer; the chores wait for it: the connection is gone"]
    sweeping.round()
    assert chore.calls == 2


def test_it_stops_between_two_chores() -> None:
    sweeping = Sweeper([])
    later = Counter()
    sweeping._chores = [Chore("stop", sweeping._stopping.set), Chore("never", later)]
    sweeping.start()
    sweeping.stop(patience_s=5)
    assert not sweeping._thread.is_alive()
    assert later.calls == 0


def test_it_goes_round_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "_ROUND_S", 0.01)
    work = Counter()
    sweeping = Sweeper([Chore("count", work, every_s=0)])
    sweeping.start()
    assert eventually(lambda: work.calls > 3)
    sweeping.stop(patience_s=5)
    done = work.calls
    assert not eventually(lambda: work.calls > done, within_s=0.1)


def do_all_chores() -> None:
    for chore in chores():
        chore.run()


def test_an_order_whose_server_died_before_matching_is_matched(
    market: Market, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    for owner, side in ((seller, "sell"), (buyer, "buy")):
        (placement,) = place_orders(owner=owner, new=[new_order(side, 1, 100)])
        assert placement.order
    match_forgotten_orders()
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}  # perhaps its server is only slow
    moved_clock.pass_by(1.1)
    match_forgotten_orders()
    assert set(Order.objects.values_list("status", flat=True)) == {"filled"}


def test_a_halted_market_is_left_alone(market: Market, seller: User, moved_clock: MovedClock) -> None:
    place_orders(owner=seller, new=[new_order("sell", 1, 100)])
    Market.objects.update(status=Market.Status.HALTED)
    moved_clock.pass_by(60)
    match_forgotten_orders()
    assert Order.objects.get().status == "pending"


def test_one_busy_market_holds_up_no_other(
    market: Market, seller: User, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    matched = []

    def match_unless_first(symbol: str) -> None:
        matched.append(symbol)
        if len(matched) == 1:
            raise Busy

    monkeypatch.setattr(sweeper, "markets_with_pending", lambda before: ["USDT-EUR", "USDT-USD"])
    monkeypatch.setattr(sweeper, "match_market", match_unless_first)
    match_forgotten_orders()
    assert matched == ["USDT-EUR", "USDT-USD"]


def test_the_orders_of_a_suspended_user_leave_the_book(
    market: Market, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    """He could neither pay nor release."""
    offer, _ = place(seller, "sell", 2, 100)
    other, _ = place(buyer, "buy", 1, 100)
    do_all_chores()
    assert set(Order.objects.values_list("status", flat=True)) == {"open"}
    suspend_user(user_id=seller.id, actor_id=make_user(role="admin").id)
    do_all_chores()
    offer.refresh_from_db()
    other.refresh_from_db()
    assert (offer.status, offer.close_reason, other.status) == ("cancelled", "by_staff", "open")
    assert balance_of(seller) == (10_000, 0)


def test_orders_end_when_their_time_is_up(market: Market, seller: User, moved_clock: MovedClock) -> None:
    until = moved_clock.time + timedelta(seconds=60)
    order, _ = place(seller, "sell", 1, 100, time_in_force="GTD", expires_at=until)
    do_all_chores()
    assert Order.objects.get(pk=order.pk).status == "open"
    moved_clock.pass_by(60)
    do_all_chores()
    assert Order.objects.get(pk=order.pk).status == "expired"


def test_a_dead_mans_switch_cancels_his_orders(market: Market, seller: User, moved_clock: MovedClock) -> None:
    order, _ = place(seller, "sell", 1, 100)
    arm_cancel_after(user_id=seller.id, seconds=30)
    moved_clock.pass_by(29)
    do_all_chores()
    assert Order.objects.get(pk=order.pk).status == "open"
    moved_clock.pass_by(1)
    do_all_chores()
    assert Order.objects.get(pk=order.pk).status == "cancelled"
