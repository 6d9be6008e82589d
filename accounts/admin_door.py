"""The door of the admin: where it is, how long it stays open, and what it takes to move money inside.

`IQX_ADMIN_HOST` and `IQX_ADMIN_PATH` say where the admin is; anywhere else there is nothing. A session that did nothing
there for `IQX_ADMIN_SESSION_SECONDS` is over. What moves money takes a proof of who one is, by log-in or on a page of
its own (`iqx.desk.views.prove`), that is no older than `IQX_ADMIN_PROOF_SECONDS`, of those who have a second factor.
"""

from collections.abc import Callable
from typing import Final, cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from iqx.core import audit, clock

_SEEN: Final = "admin_seen_at"
_PROVED: Final = "admin_proved_at"
_NOTED_EVERY_S: Final = 60


class AdminDoorMiddleware:
    """After the one that knows the user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Raises: Http404, on another host than the admin's."""
        match = request.resolver_match
        if match is None or not match.route.startswith(f"{settings.ADMIN_PATH}/"):
            return
        if settings.ADMIN_HOST and request.get_host().lower() != settings.ADMIN_HOST.lower():
            raise Http404
        if request.user.is_authenticated:
            _keep_open(request)


def prove(request: HttpRequest) -> None:
    """Note that he has just shown who he is."""
    request.session[_PROVED] = clock.now().timestamp()


def is_proved(request: HttpRequest) -> bool:
    """Whether who asks may move money now, or has to show first who he is."""
    if not cast("User", request.user).two_factor:
        return True
    proved_at: float = request.session.get(_PROVED, 0.0)
    return clock.now().timestamp() - proved_at < settings.ADMIN_PROOF_SECONDS


def _keep_open(request: HttpRequest) -> None:
    now = clock.now().timestamp()
    seen_at: float = request.session.get(_SEEN, now)
    if now - seen_at > settings.ADMIN_SESSION_SECONDS:
        logout(request)
        return
    if now - seen_at > _NOTED_EVERY_S or _SEEN not in request.session:
        request.session[_SEEN] = now
    audit.reading_as(cast("User", request.user).pk)
