"""What holds for every page: its language and time zone, and headers that the API and the staff's pages don't share."""

import zoneinfo
from collections.abc import Callable
from typing import Final

from csp.constants import NONCE, SELF
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from whitenoise.middleware import WhiteNoiseMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]

ZONE_COOKIE: Final = "tz"
_APART: Final = ("/api/", f"/{settings.ADMIN_PATH}/")

# Unfold's Alpine evaluates its attributes, and both set inline styles.
_STAFF_POLICY: Final = {
    "script-src": [SELF, NONCE, "'unsafe-eval'"],
    "style-src": [SELF, "'unsafe-inline'"],
}


# What a script here may ask a browser for: to copy, and to use a passkey. Pictures come by the file's own dialog.
_PERMISSIONS: Final = (
    "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), "
    "geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), "
    "xr-spatial-tracking=(), clipboard-write=(self), publickey-credentials-create=(self), "
    "publickey-credentials-get=(self)"
)


def is_page(request: HttpRequest) -> bool:
    """Whether the request is for the web app, and not for the API, or staff's pages."""
    return not request.path_info.startswith(_APART)


class HeadersMiddleware:
    """Headers that every answer has, the API's and static files' too: what browsers shall refuse."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, which serves files from the packages; those that pages name by their content may be kept for good."""

    def immutable_file_test(self, path: str, url: str) -> bool:
        return "/iqx/" in url or "/django_htmx/" in url or super().immutable_file_test(path, url)


class PageLanguageMiddleware(LocaleMiddleware):
    """Pages are in the reader's language; the API and staff's pages stay English, whatever a browser prefers."""

    def process_request(self, request: HttpRequest) -> None:
        if is_page(request):
            super().process_request(request)
        else:
            translation.deactivate()  # this thread may have rendered a page before

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not is_page(request):
            return response
        told = super().process_response(request, response)
        translation.deactivate()
        return told


class PageMiddleware:
    """Activate the time zone that the browser told of; keep pages from being kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_page(request):
            response = self.get_response(request)
            response._csp_replace = _STAFF_POLICY  # type: ignore[attr-defined] # noqa: SLF001
            return response
        with timezone.override(_zone(request)):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(request.COOKIES.get(ZONE_COOKIE, ""))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return None
