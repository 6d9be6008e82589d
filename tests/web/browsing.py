"""Browsers of the tests, without a screen: logged in as the pages do it, and forms as they stand in a page."""

import html
import re
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from accounts.browser_sessions import ACCOUNT_SESSION
from accounts.models import User
from tests.factories.accounts import log_in


def browser_of(user: User) -> Client:
    """A browser in which the user has a session, without the password's slow hash."""
    browser = Client()
    session = browser.session
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[ACCOUNT_SESSION] = str(log_in(user).session.pk)
    session.save()
    browser.cookies["sessionid"] = session.session_key or ""
    return browser


def text_of(response: Any) -> str:
    """What a page says, without its markup, in one line."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def hidden_inputs(response: Any, form_with: str) -> dict[str, list[str]]:
    """The hidden inputs of the one form that has `form_with` in it: what its button would send."""
    forms = re.findall(r"<form.*?</form>", response.content.decode(), flags=re.DOTALL)
    (form,) = [form for form in forms if form_with in form]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input type=\"hidden\"[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken":
            found.setdefault(name[1], []).append(html.unescape(value[1] if value else ""))
    return found
