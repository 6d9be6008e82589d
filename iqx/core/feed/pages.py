"""The feed's twin over REST: a stream's events after a `seq`, page by page."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from iqx.core.errors import Invalid
from iqx.core.events import EventsGone, bounds_of, event_json, events_since


class EventSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField(help_text="Gapless in its stream.")
    type = serializers.CharField()
    at = serializers.DateTimeField()
    data = serializers.DictField(help_text="The object as REST shows it to this reader.")  # type: ignore[assignment]


class EventPageSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)
    head = serializers.IntegerField(help_text="The newest seq of the stream.")
    next = serializers.URLField(allow_null=True)


_DEFAULT_LIMIT: Final = 50
_MAX_LIMIT: Final = 200
_MAX_DIGITS: Final = 18

PARAMETERS: Final = [
    OpenApiParameter("since", {"type": "integer", "minimum": 0}, description="The last seq one has."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": _MAX_LIMIT, "default": _DEFAULT_LIMIT}),
]


def events_page(request: Request, stream: str) -> Response:
    """The events of `stream` after `?since=` (default: the oldest that is kept), at most `?limit=`, as the socket does.

    Raises:
        Invalid: `since` is ahead of the stream, or a number is none.
        EventsGone: what follows `since` is kept no more.
    """
    floor, head = bounds_of(stream)
    since = _number(request, "since", default=floor)
    limit = _number(request, "limit", default=_DEFAULT_LIMIT)
    if not 1 <= limit <= _MAX_LIMIT:
        raise Invalid(f"From 1 to {_MAX_LIMIT}.", field="limit")
    if since < floor:
        raise EventsGone(floor=floor)
    if since > head:
        raise Invalid(f"The stream has come to {head}.", field="since")
    events = [event_json(seq=e.seq, type=e.type, at=e.at, data=e.data) for e in events_since(stream, since, limit)]
    if since < head and (not events or events[0]["seq"] != since + 1):  # they were taken away meanwhile
        raise EventsGone(floor=bounds_of(stream)[0])
    last = events[-1]["seq"] if events else since
    head = max(head, last)
    following = replace_query_param(request.build_absolute_uri(), "since", last) if last < head else None
    return Response({"results": events, "head": head, "next": following})


def _number(request: Request, name: str, *, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise Invalid("A whole number, not negative.", field=name)
    return int(text)
