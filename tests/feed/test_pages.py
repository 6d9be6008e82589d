"""The REST twin, and the one form of an event."""

import json
from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from iqx.core.errors import Invalid
from iqx.core.events import event_json, market_stream
from iqx.core.feed import wire
from iqx.core.feed.pages import events_page
from iqx.core.feed.reads import rows_after
from iqx.core.models import Event
from tests.feed.applications import append_events

pytestmark = pytest.mark.django_db(transaction=True)


def get(stream: str, query: str = "") -> Any:
    return events_page(Request(RequestFactory().get(f"/api/v1/events{query}")), stream).data


def test_pages_follow_each_other_without_a_gap(market: str) -> None:
    stream = market_stream(market)
    append_events(stream, ({"i": i} for i in range(25)))
    first = get(stream, "?limit=10&since=0")
    assert [event["seq"] for event in first["results"]] == list(range(1, 11))
    assert (first["head"], first["next"]) == (25, "http://testserver/api/v1/events?limit=10&since=10")
    last = get(stream, "?since=20&limit=10")
    assert [event["seq"] for event in last["results"]] == list(range(21, 26))
    assert last["next"] is None
    assert get(stream, "?since=25") == {"results": [], "head": 25, "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?since=-1", "since"),
        ("?since=x", "since"),
        ("?since=", "since"),
        ("?since=1.0", "since"),
        ("?since=%C2%B2", "since"),
        ("?since=1", "since"),
        (f"?since={'9' * 30}", "since"),
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?limit=%00", "limit"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(market: str, query: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        get(market_stream(market), query)
    assert refused.value.field == field


def test_socket_and_rest_send_the_same_event(market: str) -> None:
    data = {"text": 'ünï"\\\n\u2028', "amount": "1.000000", "nested": {"list": [1, None, True]}}
    append_events(market_stream(market), [data])
    event = Event.objects.get(stream_id=market_stream(market))
    [row] = rows_after({market_stream(market): 0})
    sent = json.loads(wire.event(wire.prefix("market_updates", market), row))
    assert sent == {
        "channel": "market_updates",
        "market": market,
        **event_json(seq=event.seq, type=event.type, at=event.at, data=event.data),
    }
    assert sent["data"] == data
