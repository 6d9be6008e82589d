"""What is over its time leaves by one door; the database keeps every other shut."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.request import Request

from accounts.models import User
from iqx.core import clock, files
from iqx.core.events import EventsGone, bounds_of
from iqx.core.feed.pages import events_page
from iqx.core.models import Event, StoredFile, Stream
from iqx.ops.chats import forget_chats
from iqx.ops.retention import tidy_up
from orders.models import Market
from tests.core.files.conftest import folder
from tests.disputes.conftest import dispute_about
from tests.factories.files import encoded, receipt, upload
from tests.factories.orders import MovedClock, bring_to, make_trader, trade_between
from tests.factories.trading import buyer, market, moved_clock, quick_and_unlimited, seller
from tests.feed.applications import append_events
from trades.chat import write_message
from trades.models import Message, ReceiptFlag, Step, Trade

__all__ = ["buyer", "folder", "market", "moved_clock", "quick_and_unlimited", "seller"]

pytestmark = pytest.mark.django_db

A_DAY = 24 * 60 * 60
OLD, YOUNG = "market:OLD", "market:YOUNG"


def read(stream: str, query: str = "") -> Any:
    return events_page(Request(RequestFactory().get(f"/api/v1/events{query}")), stream).data


def refused(sql: str, constraint: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(sql)
    cause: Any = caught.value.__cause__
    assert cause.diag.constraint_name == constraint


def test_old_events_leave_from_the_beginning_and_who_wants_them_is_told(
    moved_clock: MovedClock, settings: Settings
) -> None:
    append_events(OLD, [{"i": i} for i in range(3)])
    moved_clock.pass_by(300 * A_DAY)
    append_events(OLD, [{"i": 3}, {"i": 4}])
    append_events(YOUNG, [{}])
    assert tidy_up()["events"] == 0
    moved_clock.pass_by(101 * A_DAY)
    settings.RETAIN_DAYS = settings.RETAIN_DAYS | {"events": 0}
    assert tidy_up()["events"] == 0
    settings.RETAIN_DAYS = settings.RETAIN_DAYS | {"events": 400}
    assert (tidy_up()["events"], tidy_up()["events"]) == (3, 0)

    assert (bounds_of(OLD), bounds_of(YOUNG)) == ((3, 5), (0, 1))
    assert [event["seq"] for event in read(OLD)["results"]] == [4, 5]
    assert [event["seq"] for event in read(OLD, "?since=3")["results"]] == [4, 5]
    for since in (0, 2):
        with pytest.raises(EventsGone) as gone:
            read(OLD, f"?since={since}")
        assert (gone.value.status, gone.value.extra) == (410, {"floor": 3})
    append_events(OLD, [{"i": 5}])
    assert bounds_of(OLD) == (3, 6)

    before = list(Event.objects.values()), list(Stream.objects.values())
    for sql, constraint in (
        ("DELETE FROM core_event", "core_event_append_only"),
        ("UPDATE core_event SET data = '{}'", "core_event_append_only"),
        ("TRUNCATE core_event", "core_event_append_only"),
        ("UPDATE core_stream SET floor = 0", "core_stream_floor_rises"),
        ("UPDATE core_stream SET floor = head + 1", "core_stream_floor_below_head"),
    ):
        refused(sql, constraint)
    refused("SET LOCAL iqx.erasing = 'on'; UPDATE core_event SET seq = seq + 100", "core_event_append_only")
    assert (list(Event.objects.values()), list(Stream.objects.values())) == before


def test_chats_leave_years_after_the_end_unless_somebody_may_need_them(
    market: Market,
    seller: User,
    buyer: User,
    folder: Path,
    moved_clock: MovedClock,
    settings: Settings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.RETAIN_DAYS = settings.RETAIN_DAYS | {"chats": 180}

    def chat_of(who: User, status: str) -> Trade:
        trade = trade_between(seller, who, 10)
        sent = files.receive(upload(encoded(receipt(size=2))))
        write_message(trade_id=trade.pk, actor_id=who.pk, body="Here it is.", attachment=sent)
        if status == "disputed":
            dispute_about(bring_to(trade, "paid"))
        else:
            bring_to(trade, status)
        return trade

    def blobs() -> int:
        return sum(path.is_file() for path in folder.rglob("*"))

    def tidy() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return tidy_up()["chat messages"]

    first = chat_of(buyer, "released")
    moved_clock.pass_by(100 * A_DAY)
    younger = chat_of(make_trader(0), "released")
    chat_of(make_trader(0), "disputed")
    kept = blobs()
    assert ReceiptFlag.objects.filter(seen_in__trade=first).exists()
    moved_clock.pass_by(100 * A_DAY)
    assert tidy() == 0, "what the younger one's receipt repeats is kept with it"
    moved_clock.pass_by(100 * A_DAY)
    refused("DELETE FROM trades_message", "trades_message_append_only")
    refused("UPDATE trades_message SET body = ''", "trades_message_append_only")
    in_time = f"SET LOCAL iqx.chats_leave_before = '{clock.now() - timedelta(days=180)}'"
    live = "DELETE FROM trades_message WHERE trade_id = (SELECT trade_id FROM disputes_dispute)"
    refused(f"{in_time}; {live}", "trades_message_append_only")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM disputes_disputefile_copies")
    ReceiptFlag.objects.filter(message__trade__status="disputed").delete()

    messages = Message.objects.count()
    gone = tidy()
    assert gone >= 2
    assert Message.objects.count() == messages - gone
    assert set(Message.objects.values_list("trade__status", flat=True)) == {"disputed"}
    assert (blobs(), StoredFile.objects.count()) == (kept - 2, kept - 2)
    assert Step.objects.filter(trade__in=[first, younger]).exists()
    assert forget_chats(clock.now(), 100) == 0
