"""What holds for every response: an id, and under `/api` never a page of HTML."""

import logging
import re
from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve
from django.utils import translation
from rest_framework.response import Response

from iqx.core import audit, ids, logs, maintenance, metrics
from iqx.core.api.clients import UNKNOWN, client_address
from iqx.core.api.errors import Malformed
from iqx.core.api.problems import problem_of, problem_of_status, problem_response

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger(__name__)

_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class MetricsMiddleware:
    """Count and time every request, and log slow ones, by the pattern of its address.

    The address itself would be a label without end, and some addresses are secrets.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._logs_all = settings.ACCESS_LOG
        self._slow_s = settings.SLOW_REQUEST_MS / 1000 or float("inf")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        response = self.get_response(request)
        took_s = perf_counter() - started
        match = request.resolver_match
        route = f"/{match.route}" if match else "unknown"
        metrics.note_request(request.method or "", route, response.status_code, took_s)
        if self._logs_all or took_s > self._slow_s:
            self._log(request, route, response.status_code, took_s)
        return response

    def _log(self, request: HttpRequest, route: str, status: int, took_s: float) -> None:
        is_slow = took_s > self._slow_s
        what = "slow request" if is_slow else "request"
        facts = {"method": request.method, "route": route, "status": status, "milliseconds": round(took_s * 1000)}
        message = "%s: %s %s answered with %s after %s ms"
        level = logging.WARNING if is_slow else logging.INFO
        logger.log(level, message, what, *facts.values(), extra=facts)


class RequestIdMiddleware:
    """Give every request an id, or keep the client's own: in its response, its log lines and its problems."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        theirs = request.headers.get("X-Request-ID", "")
        request_id = theirs if _VALID_ID.fullmatch(theirs) else str(ids.new_id())
        # Never reset: Django logs a refused request after its middleware is done, and the next request sets its own.
        logs.begin(request_id)
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


class MaintenanceMiddleware:
    """Refuse what would change something while the platform is in maintenance."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in _READING or request.path_info.startswith(_ALWAYS_OPEN):
            return self.get_response(request)
        shut_by = maintenance.door.shut_by()
        if shut_by is None:
            return self.get_response(request)
        refusal = maintenance.refusal(shut_by)
        if _is_api(request):
            return problem_response(problem_of(refusal))
        with translation.override(translation.get_language_from_request(request)):
            page = render(request, "maintenance.html", {"maintenance": shut_by}, status=refusal.status)
        page.headers["Retry-After"] = str(refusal.retry_after_s)
        return page


_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Staff and operators, and what lets people in, keeps others out, and lets them leave.
_ALWAYS_OPEN = (
    f"/{settings.ADMIN_PATH}/",
    "/api/admin/",
    "/api/monitor/",
    "/api/v1/auth/",
    "/api/auth/",
    "/login",
    "/logout",
    "/password/",
    "/not-me",
    "/account/security",
    "/account/sessions",
    "/account/api-keys",
    "/language",
    "/theme",
)


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
