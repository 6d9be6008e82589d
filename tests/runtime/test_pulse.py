"""Heartbeats, and the outages that their gaps prove."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, transaction

from iqx.core import pulse
from iqx.core.models import Outage, Pulse, PulseKind
from iqx.core.transactions import use_case
from tests.factories.locks import without_locks
from tests.factories.orders import MovedClock
from tests.factories.racing import at_once
from tests.runtime.conftest import eventually

__all__ = ["without_locks"]

WEB, WORKER = PulseKind.WEB, PulseKind.WORKER

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    return MovedClock(monkeypatch)


owed_spans = use_case(pulse.owed_spans)


def sleep(clock: MovedClock, seconds: float, *kinds: PulseKind) -> None:
    """Let time pass in which none of `kinds` beats, and then let them."""
    clock.pass_by(seconds)
    for kind in kinds:
        pulse.beat(kind)


def test_steady_beats_are_no_outage(moved_clock: MovedClock) -> None:
    for _ in range(20):
        sleep(moved_clock, 30, WEB)
    assert not Outage.objects.exists()
    assert Pulse.objects.get().at == moved_clock.time


def test_the_first_beat_after_a_gap_writes_the_outage_down(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    started = moved_clock.time
    sleep(moved_clock, 31, WEB)
    outage = Outage.objects.get()
    assert (outage.kind, outage.started_at, outage.ended_at) == (WEB, started, moved_clock.time)


def test_processes_of_a_kind_stand_in_for_each_other(moved_clock: MovedClock) -> None:
    """One server is down for minutes; the others beat into the same row."""
    for _ in range(10):
        sleep(moved_clock, 20, WEB)
    sleep(moved_clock, 1, WEB)
    assert not Outage.objects.exists()


def test_beats_more_often_than_needed_write_nothing(moved_clock: MovedClock) -> None:
    pulse.beat(WORKER)
    first = moved_clock.time
    sleep(moved_clock, 4, WORKER)
    assert Pulse.objects.get().at == first


def test_a_clock_that_is_behind_does_not_turn_the_pulse_back(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    latest = moved_clock.time
    Pulse.objects.update(at=latest + timedelta(seconds=3))
    sleep(moved_clock, -10, WEB)
    assert Pulse.objects.get().at == latest + timedelta(seconds=3)
    assert not Outage.objects.exists()


def test_silence_is_only_of_those_who_were_there(moved_clock: MovedClock) -> None:
    assert not pulse.is_silent(WEB)
    pulse.beat(WEB)
    moved_clock.pass_by(30)
    assert not pulse.is_silent(WEB)
    moved_clock.pass_by(1)
    assert pulse.is_silent(WEB)
    assert not pulse.is_silent(WORKER)


def test_an_outage_is_owed_once(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    started = moved_clock.time
    sleep(moved_clock, 600, WEB)
    assert owed_spans() == [(started, moved_clock.time)]
    assert owed_spans() == []


def test_time_that_two_kinds_slept_is_owed_once(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    pulse.beat(WORKER)
    started = moved_clock.time
    sleep(moved_clock, 600, WORKER, WEB)
    assert Outage.objects.count() == 2
    assert owed_spans() == [(started, moved_clock.time)]


def test_of_an_outage_that_overlaps_one_made_good_only_the_rest_is_owed(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    pulse.beat(WORKER)
    sleep(moved_clock, 600, WORKER)
    worker_is_back = moved_clock.time
    assert len(owed_spans()) == 1
    sleep(moved_clock, 100, WEB)
    assert owed_spans() == [(worker_is_back, moved_clock.time)]


def test_an_outage_is_told_again_if_it_was_not_made_good(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    sleep(moved_clock, 600, WEB)

    @use_case
    def stumble() -> None:
        pulse.owed_spans()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert len(owed_spans()) == 1


def test_the_database_refuses_an_outage_that_ends_before_it_began(moved_clock: MovedClock) -> None:
    at = moved_clock.time
    with pytest.raises(IntegrityError, match="core_outage_ends_after_start"), transaction.atomic():
        Outage.objects.create(kind=WEB, started_at=at, ended_at=at)


@pytest.mark.django_db(transaction=True)
def test_of_many_beats_at_once_one_finds_the_outage(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    moved_clock.pass_by(600)
    assert at_once([lambda: pulse.beat(WEB)] * 6) == [None] * 6
    assert Outage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_makes_an_outage_good(moved_clock: MovedClock) -> None:
    pulse.beat(WEB)
    sleep(moved_clock, 600, WEB)
    spans = at_once([owed_spans] * 6)
    assert sorted(len(owed) for owed in spans) == [0, 0, 0, 0, 0, 1]


@pytest.mark.django_db(transaction=True)
def test_the_race_is_real(moved_clock: MovedClock, without_locks: None) -> None:
    """Control: unlocked, several workers sooner or later make the same outage good."""
    pulse.beat(WEB)

    def is_made_good_twice() -> bool:
        sleep(moved_clock, 600, WEB)
        return sum(len(owed) for owed in at_once([owed_spans] * 6)) > 1

    assert eventually(is_made_good_twice, within_s=30)


@pytest.mark.django_db(transaction=True)
def test_the_first_beats_ever_may_come_at_once() -> None:
    assert at_once([lambda: pulse.beat(WEB)] * 6) == [None] * 6
    assert Pulse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_process_goes_on_beating_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "INTERVAL", timedelta(milliseconds=20))
    stop = pulse.start_beating(WEB)
    assert eventually(Pulse.objects.exists)
    first = Pulse.objects.get().at
    assert eventually(lambda: Pulse.objects.get().at > first)
    stop()
    last = Pulse.objects.get().at
    assert not eventually(lambda: Pulse.objects.get().at > last, within_s=0.2)


def test_a_process_goes_on_beating_through_an_outage_and_tells_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pulse, "INTERVAL", timedelta(milliseconds=10))
    beats = []
    went_on = threading.Event()

    def beat_without_a_database(kind: PulseKind) -> None:
        beats.append(kind)
        if len(beats) > 4:
            went_on.set()
        raise OperationalError("gone")

    monkeypatch.setattr(pulse, "beat", beat_without_a_database)
    stop = pulse.start_beating(WEB)
    assert went_on.wait(timeout=5)
    stop()
    assert [record.getMessage() for record in caplog.records] == ["The pulse of this process can't be noted: gone"]
