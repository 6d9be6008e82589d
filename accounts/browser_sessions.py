"""Sessions of browsers: Django's, by cookie, as pages and the admin use them, with sockets that end when they do.

This is Django's session store in the database (`SESSION_ENGINE`). A session that is deleted, as log-out does, closes
its sockets at once. What the row does not show (expiry, a suspended user, a changed password) `live_browsers` finds.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import Session as AccountSession
from accounts.models import User
from iqx.core import bell, clock

ACCOUNT_SESSION: Final = "account_session"
"""The key under which a browser's session names the one of `accounts.models.Session` that it stands for."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Whom a session cookie speaks for. Its `session_id` tells nobody the cookie."""

    user_id: UUID
    session_id: UUID
    key: str


class SessionStore(db.SessionStore):
    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            transaction.on_commit(lambda: bell.ring_ended([_id_of(key)]))

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session


def browser_of(headers: Mapping[bytes, bytes]) -> Browser | None:
    """Whom the cookie of a WebSocket's handshake speaks for; nobody, if a page of another site opened the socket.

    Browsers send cookies along whoever asks, and CORS does not hold for WebSockets: only `Origin`, which no page can
    forge, tells our pages from others. A client that sends none is no browser, and nobody can make it send a cookie.
    """
    key = _cookie(headers.get(b"cookie", b"").decode("latin1"))
    if not key or not _is_ours(headers.get(b"origin"), headers.get(b"host", b"")):
        return None
    found = _known([key]).get(key)
    return Browser(*found, key) if found else None


def live_browsers(browsers: Collection[Browser]) -> set[UUID]:
    """The `session_id` of those whose session has not ended: two queries, three if pages were logged in to."""
    known = _known([browser.key for browser in browsers])
    return {
        browser.session_id for browser in browsers if known.get(browser.key) == (browser.user_id, browser.session_id)
    }


def _is_ours(origin: bytes | None, host: bytes) -> bool:
    if origin is None:
        return True
    schemes = (b"https",) if settings.SESSION_COOKIE_SECURE else (b"http", b"https")
    ours = {b"%b://%b" % (scheme, host) for scheme in schemes if host}
    return origin in ours or origin.decode("latin1") in settings.CSRF_TRUSTED_ORIGINS


def _cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _known(keys: Collection[str]) -> dict[str, tuple[UUID, UUID]]:
    """Who is logged in, and in which session, by the cookie's key; as for pages, and for all at once."""
    rows = Session.objects.filter(session_key__in=set(keys), expire_date__gt=clock.now())
    sessions: dict[str, dict[str, Any]] = {row.session_key: row.get_decoded() for row in rows}
    ids = {data[SESSION_KEY] for data in sessions.values() if SESSION_KEY in data}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    valid = {
        key: (users[user_id].pk, UUID(data[ACCOUNT_SESSION]) if ACCOUNT_SESSION in data else None)
        for key, data in sessions.items()
        if (user_id := data.get(SESSION_KEY)) in users and _knows_the_password(data, users[user_id])
    }
    live = _live([session_id for _, session_id in valid.values() if session_id])
    return {
        key: (user_id, session_id or _id_of(key))
        for key, (user_id, session_id) in valid.items()
        if session_id is None or session_id in live
    }


def _live(session_ids: Collection[UUID]) -> set[UUID]:
    if not session_ids:
        return set()
    return set(AccountSession.objects.filter(pk__in=session_ids, ended_at=None).values_list("pk", flat=True))


def _knows_the_password(data: Mapping[str, Any], user: User) -> bool:
    """Whether the session began with the password that the user has now."""
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _id_of(key: str) -> UUID:
    return UUID(bytes=hashlib.sha256(key.encode()).digest()[:16])
