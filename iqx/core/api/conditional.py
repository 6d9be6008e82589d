"""Conditional requests (RFC 9110, 13): what a client has already isn't made and sent again."""

from typing import Final

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

_WEAK: Final = "W/"  # proxies that compress an answer make its tag weak, and If-None-Match compares weakly


def etag(version: int) -> str:
    """The tag of an answer that is the same, at its address, as long as `version` is."""
    return f'"{version}"'


def unchanged(request: Request, version: int) -> Response | None:
    """304, if the client has what stands at `version`."""
    known = request.headers.get("If-None-Match")
    if not known:
        return None
    tag = etag(version)
    if tag not in {one.removeprefix(_WEAK) for one in parse_etags(known)}:
        return None
    return Response(status=304, headers={"ETag": tag})
