"""Log-ins by pages: a session like any other (listed, ended, alerted of), which the browser's cookie stands for.

A page logs in through `accounts.services.log_in`, as the API does; of the session that this opens, the browser gets
the cookie of Django's session, which names it. The tokens are given to nobody: no script can read what it has not got.
"""

import contextlib
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from django.contrib import auth
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts import services
from accounts.browser_sessions import ACCOUNT_SESSION
from accounts.models import Session, User
from iqx.core import clock
from iqx.core.errors import NotFound

_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
_SEEN_EVERY: Final = timedelta(hours=1)


def enter(request: HttpRequest, login: services.LoggedIn) -> None:
    """Have the browser stand for a session that was just opened. It gets a new cookie, so none could be planted."""
    auth.login(request, login.user, backend=_BACKEND)
    request.session[ACCOUNT_SESSION] = str(login.session.pk)


def leave(request: HttpRequest) -> None:
    """End the browser's session; its sockets close."""
    session_id = session_id_of(request)
    if session_id is not None:
        with contextlib.suppress(NotFound):  # it may have ended already, from elsewhere
            services.end_session(user_id=cast("UUID", request.user.pk), session_id=session_id)
    auth.logout(request)


def session_id_of(request: HttpRequest) -> UUID | None:
    """Which of the user's sessions this browser has; None for one that logged in to staff's pages."""
    if not request.user.is_authenticated:
        return None
    session_id = request.session.get(ACCOUNT_SESSION)
    return UUID(session_id) if session_id else None


class BrowserUserMiddleware(AuthenticationMiddleware):
    """Who asks, as Django's own finds out; but nobody, as soon as the session that the cookie names has ended."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = cast("User", SimpleLazyObject(lambda: _user_of(request)))


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    session_id = request.session.get(ACCOUNT_SESSION)
    if session_id is None:
        return auth.get_user(request)
    mine = Session.objects.select_related("user").filter(pk=session_id, ended_at=None, user__is_active=True).first()
    if mine is None or not _knows_the_password(request, mine.user):
        request.session.flush()
        return AnonymousUser()
    _note_use(request, mine)
    return mine.user


def _knows_the_password(request: HttpRequest, user: User) -> bool:
    return constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _note_use(request: HttpRequest, session: Session) -> None:
    """Hourly at most: say that the session is in use, and let its cookie live on."""
    now = clock.now()
    if now - session.last_used_at > _SEEN_EVERY:
        Session.objects.filter(pk=session.pk).update(last_used_at=now)
        request.session.modified = True
