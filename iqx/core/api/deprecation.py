"""Addresses that still work and should no longer be used: RFC 9745, with a link to what took their place."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponseBase]


def deprecated(
    patterns: Sequence[URLPattern], *, since: datetime, prefix: str, successor_prefix: str
) -> list[URLPattern]:
    """The same views at an old address, where each response says so. They are not in the OpenAPI document."""

    def at_the_old_address(view: View) -> View:
        @csrf_exempt
        def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            successor = successor_prefix + request.path_info.removeprefix(prefix)
            response.headers["Deprecation"] = f"@{int(since.timestamp())}"
            response.headers["Link"] = f'<{successor}>; rel="successor-version"'
            return response

        return answer

    return [URLPattern(p.pattern, at_the_old_address(p.callback), p.default_args) for p in patterns]
