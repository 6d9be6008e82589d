"""What every template knows."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "theme"


def theme(request: HttpRequest) -> dict[str, object]:
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "theme": chosen if chosen in THEMES else "auto",
        "languages": settings.LANGUAGES,
        "sandbox": not settings.PRODUCTION,
    }
