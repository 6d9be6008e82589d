"""What holds for every response: an id, and under `/api` never a page of HTML."""

import re
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from rest_framework.response import Response

from iqx.core import audit, ids, logs, metrics
from iqx.core.api.clients import UNKNOWN, client_address
from iqx.core.api.errors import Malformed
from iqx.core.api.problems import problem_of, problem_of_status, problem_response

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class MetricsMiddleware:
    """Count and time every request, by the pattern of its address: the address itself would be a label without end."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = f"/{match.route}" if match else "unknown"
        metrics.note_request(request.method or "", route, response.status_code, perf_counter() - started)
        return response


class RequestIdMiddleware:
    """Give every request an id, or keep the client's own: in its response, its log lines and its problems."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        theirs = request.headers.get("X-Request-ID", "")
        request_id = theirs if _VALID_ID.fullmatch(theirs) else str(ids.new_id())
        # Never reset: Django logs a refused request after its middleware is done, and the next request sets its own.
        logs.request_id.set(request_id)
        audit.coming_from(lambda: _origin(request, request_id))
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class ApiProblemMiddleware:
    """Under `/api`, turn every error that is not JSON yet into a problem, wherever it came from.

    It stands near the top of the list, so that it sees the refusals of the other middleware too (a forged Host).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_api(request):
            return self.get_response(request)
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problem_response(problem_of(Malformed("A NUL character is not permitted.")))
        response = self.get_response(request)
        if response.status_code < 400 or "json" in response.headers.get("Content-Type", ""):
            return response
        return _as_problem(response)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return problem_response(problem_of(error)) if _is_api(request) else None


class LivenessMiddleware:
    """Answer the liveness probe before anything looks at the name or the scheme that it came by.

    Who asks a single process, such as a container's health check, knows its address alone and speaks plain HTTP.
    """

    PATH = "/api/health"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != self.PATH:
            return self.get_response(request)
        response: HttpResponse = resolve(self.PATH).func(request)
        if isinstance(response, Response):
            response.render()
        response.headers["Content-Length"] = str(len(response.content))
        return response


def _origin(request: HttpRequest, request_id: str) -> audit.Origin:
    ip = client_address(request)
    return audit.Origin(
        ip="" if ip == UNKNOWN else ip,
        user_agent=request.headers.get("User-Agent", "")[:200],
        request_id=request_id,
        entrance=f"{request.method} /{_route(request)}"[:200],
    )


def _route(request: HttpRequest) -> str:
    """The address without what fills it in: a link to a file is a secret for some minutes."""
    match = request.resolver_match
    return match.route if match else ""


def _is_api(request: HttpRequest) -> bool:
    """Also with slashes too many in front: whoever asks so means the API, and reads no HTML."""
    path = f"{request.path_info.lstrip('/')}/"
    return path.startswith("api/")


def _as_problem(page: HttpResponseBase) -> HttpResponse:
    response = problem_response(problem_of_status(page.status_code))
    for name in ("Allow", "Retry-After"):
        if name in page.headers:
            response.headers[name] = page.headers[name]
    return response
