"""Addresses of our own files, each with the digest of its content: so browsers may keep them for good.

There is no build step: scripts are ES modules that name each other by the names of an import map (`iqx/live`).
"""

import hashlib
import json
from functools import cache
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

SCRIPTS: Final = ("live", "countdown", "copy", "dialogs", "toasts", "form", "keys", "bell", "push", "print", "passkeys")
HTMX: Final = "django_htmx/htmx-2.min.js"
STYLES: Final = ("iqx/app.css", "iqx/account.css")
SHELL: Final = (*STYLES, "iqx/icon.svg", "iqx/offline.js", "iqx/app.js", *(f"iqx/{name}.js" for name in SCRIPTS), HTMX)
"""What the service worker keeps: nobody's data is in it."""


@cache
def version_of(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(path)
    with open(found, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


def asset(path: str) -> str:
    """The address of a static file, which changes with its content."""
    version = _fresh(path) if settings.DEBUG else version_of(path)
    return f"{static(path)}?v={version}"


def import_map() -> str:
    return json.dumps({"imports": {f"iqx/{name}": asset(f"iqx/{name}.js") for name in SCRIPTS}})


def _fresh(path: str) -> str:
    version_of.cache_clear()
    return version_of(path)
