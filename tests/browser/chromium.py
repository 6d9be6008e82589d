"""The browser of the tests: a Chromium that the machine has, and pages in it as people have them open."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright

from accounts.browser_sessions import ACCOUNT_SESSION
from accounts.models import User
from tests.factories.accounts import log_in

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
PATIENCE_MS = 20_000


def found_chromium() -> str | None:
    """The program: `IQX_CHROMIUM`, or what the machine has under a usual name."""
    return os.environ.get("IQX_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield _launch(playwright, program)


def _launch(playwright: Playwright, program: str) -> Browser:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root has none
    return playwright.chromium.launch(executable_path=program, args=[*sandbox, "--disable-gpu"])


@dataclass(slots=True)
class Window:
    """A page in a browser of its own; whatever its console complains of fails the test (`check`)."""

    page: Page
    address: str
    complaints: list[str]

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def check(self) -> None:
        assert self.complaints == []

    def cut_the_line(self) -> None:
        self.page.context.set_offline(True)

    def mend_the_line(self) -> None:
        self.page.context.set_offline(False)


@contextmanager
def window(
    browser: Browser, address: str, user: User | None = None, *, phone: bool = False, **options: Any
) -> Iterator[Window]:
    """A browser of somebody's, logged in if a user is given."""
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        is_mobile=phone,
        has_touch=phone,
        locale="en-GB",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    if user:
        context.add_cookies([{"name": "sessionid", "value": cookie_for(user), "url": address}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: _note(complaints, message))
    try:
        yield Window(page, address, complaints)
    finally:
        context.close()


def _note(complaints: list[str], message: Any) -> None:
    """A lost connection is no fault of the page's, nor is a form that was refused."""
    expected = ("ERR_INTERNET_DISCONNECTED", "status of 400", "status of 422")
    if message.type == "error" and not any(text in message.text for text in expected):
        complaints.append(f"{message.text} {message.location.get('url', '')}")


def cookie_for(user: User) -> str:
    """A browser's session of the user's, without the password's slow hash."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[ACCOUNT_SESSION] = str(log_in(user).session.pk)
    session.save()
    assert settings.SESSION_COOKIE_NAME == "sessionid"
    return str(session.session_key)
