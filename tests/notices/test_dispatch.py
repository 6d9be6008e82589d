"""From events to notices: everything once, whoever dies, whoever works beside."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from iqx.core import events
from iqx.core.events import user_stream
from iqx.notices import dispatch
from iqx.notices.dispatch import Dispatcher, deal_with
from iqx.notices.models import Notice, Position
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock, make_market, make_trader, trade_between
from tests.factories.racing import at_once
from tests.notices.conftest import TRADE, happen, kinds

pytestmark = pytest.mark.django_db


def position_of(user: User) -> int:
    return Position.objects.get(pk=user_stream(user.pk)).seq


def test_a_trade_is_told_to_whom_it_concerns() -> None:
    make_market()
    seller, buyer = make_trader(), make_trader(0)
    trade_between(seller, buyer, status="released")
    Dispatcher().round()
    assert kinds(Notice.objects.filter(user=seller).order_by("seq")) == [
        "deposit_confirmed", "trade_opened", "trade_paid", "trade_released",
    ]  # fmt: skip
    assert kinds(Notice.objects.filter(user=buyer).order_by("seq")) == ["trade_opened", "trade_released"]


def test_an_event_is_told_once_however_often_one_looks(user: User) -> None:
    happen(user, ("trade_paid", TRADE))
    told = [dispatcher.round() for dispatcher in (Dispatcher(), Dispatcher())]
    assert told == [1, 0]
    assert Notice.objects.count() == 1


def test_an_event_is_told_once_even_if_its_position_is_set_back(user: User) -> None:
    happen(user, ("trade_paid", TRADE))
    Dispatcher().round()
    first = Notice.objects.get()
    Position.objects.update(seq=0)
    Dispatcher().round()
    assert Notice.objects.get() == first


def test_a_crash_before_the_commit_tells_all_of_it_again(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(user, ("trade_opened", TRADE), ("trade_paid", TRADE))
    with monkeypatch.context() as crash:
        crash.setattr(Position.objects, "bulk_update", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deal_with([user_stream(user.pk)])
    assert not Notice.objects.exists()
    Dispatcher().round()
    assert kinds(Notice.objects.order_by("seq")) == ["trade_opened", "trade_paid"]
    assert position_of(user) == 2


def test_news_are_found_without_a_look_at_every_stream(user: User, moved_clock: MovedClock) -> None:
    dispatcher = Dispatcher()
    dispatcher.round()
    happen(user, ("trade_paid", TRADE))
    assert dispatcher.round() == 1
    with CaptureQueriesContext(connection) as queries:
        dispatcher.round()
        dispatcher.round()
    assert dispatcher.round() == 0
    assert sum("core_stream s LEFT JOIN" in query["sql"] for query in queries) == 0


def test_an_event_that_committed_late_is_found(user: User, moved_clock: MovedClock) -> None:
    """Its id is below those that were seen already: only the gapless seq tells of it."""
    dispatcher = Dispatcher()
    dispatcher.round()
    happen(user, ("trade_paid", TRADE))
    dispatcher._seen = dispatcher._seen_before = 10**9
    assert dispatcher.round() == 0
    moved_clock.pass_by(30)
    assert dispatcher.round() == 1


def test_a_long_stream_is_told_in_pieces(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_EVENTS_AT_A_TIME", 3)
    happen(user, *[("trade_paid", TRADE)] * 8)
    done, told = deal_with([user_stream(user.pk)])
    assert (done, told, position_of(user)) == (set(), 3, 3)
    dispatcher = Dispatcher()
    assert sum(dispatcher.round() for _ in range(3)) == 5
    assert position_of(user) == 8


def test_an_event_that_nobody_understands_holds_up_no_other(user: User, caplog: pytest.LogCaptureFixture) -> None:
    happen(user, ("dispute_updated", {"status": "open", "timeline": 7}), ("trade_paid", TRADE))
    assert Dispatcher().round() == 1
    assert "No notice could be made" in caplog.text


def test_what_is_silent_is_passed_over(user: User) -> None:
    happen(user, ("wallet_updated", {}), ("order_created", {}), ("trade_paid", TRADE | {"role": "buyer"}))
    assert Dispatcher().round() == 0
    assert position_of(user) == 3


def test_a_batch_takes_the_same_number_of_statements_for_one_as_for_many() -> None:
    counts = []
    for number in (1, 12):
        people = [make_user() for _ in range(number)]
        for person in people:
            happen(person, ("trade_paid", TRADE), ("trade_opened", TRADE))
        with CaptureQueriesContext(connection) as queries:
            deal_with([user_stream(person.pk) for person in people])
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Notice.objects.count() == 26


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_streams_and_tell_nothing_twice() -> None:
    people = [make_user() for _ in range(6)]
    for person in people:
        happen(person, *[("trade_paid", TRADE)] * 3)
    told = at_once([Dispatcher().round for _ in range(4)])
    assert all(isinstance(count, int) for count in told), told
    Dispatcher().round()
    assert sum(told) <= Notice.objects.count() == 18


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_two_workers_tell_the_same(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the same position; only the key of the notice stops the second one."""
    happen(user, ("trade_paid", TRADE))
    Position.objects.create(stream_id=user_stream(user.pk))
    barrier = threading.Barrier(2)
    tell = dispatch._tell

    def meet_and_tell(*args: Any) -> int:
        barrier.wait(timeout=10)
        return tell(*args)

    monkeypatch.setattr(dispatch, "lock", lambda rank, rows, **_: list(rows.order_by("pk")))
    monkeypatch.setattr(dispatch, "_tell", meet_and_tell)
    streams = [user_stream(user.pk)]
    assert at_once([lambda: deal_with(streams)] * 2) == [(set(streams), 1)] * 2
    assert Notice.objects.count() == 1


def test_the_head_and_the_position_agree_after_a_round(user: User) -> None:
    happen(user, ("trade_paid", TRADE), ("wallet_updated", {}))
    Dispatcher().round()
    assert position_of(user) == events.head_of(user_stream(user.pk)) == 2
