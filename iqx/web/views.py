"""Pages that belong to no app: what went wrong, the installable app's files, language and theme."""

from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from iqx.core import logs
from iqx.web import assets
from iqx.web.context import THEME_COOKIE, THEMES
from iqx.web.pages import go, safe_next

_A_YEAR_S: Final = 365 * 24 * 60 * 60


def _error(request: HttpRequest, status: HTTPStatus, told: str) -> HttpResponse:
    return render(request, "web/refused.html", {"told": told, "status": int(status)}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, HTTPStatus.NOT_FOUND, _("There is nothing here, or it isn't yours."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, HTTPStatus.FORBIDDEN, _("You may not do this."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(b"Bad request", status=400, content_type="text/plain")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(
        request, HTTPStatus.FORBIDDEN, _("This form was open for too long, or cookies are off. Go back and try again.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Stands on its own: what is broken may be what other pages need."""
    html = render(None, "web/broken.html", {"request_id": logs.request_id.get()})
    return HttpResponse(html.content, status=500)


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows without a network: the same for everybody, since it is kept."""
    return render(request, "web/offline.html")


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    body: dict[str, Any] = {
        "id": "/",
        "name": "IQX",
        "short_name": "IQX",
        "description": _("Buy and sell USDT from person to person, with escrow."),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f6f3",
        "theme_color": "#f6f6f3",
        "icons": [
            {"src": static("iqx/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": static("iqx/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": static("iqx/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        ],
        "shortcuts": [
            {"name": _("Trades"), "url": "/trades"},
            {"name": _("Markets"), "url": "/"},
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json", headers={"Cache-Control": "max-age=3600"})


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, with the addresses of what it keeps; it changes when they do."""
    return render(
        request,
        "web/sw.js",
        {"shell": [assets.asset(path) for path in assets.SHELL], "version": assets.version_of("iqx/app.css")},
        content_type="text/javascript",
    )


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    response = go(safe_next(request))
    wanted = request.POST.get("theme", "")
    if wanted in THEMES:
        response.set_cookie(
            THEME_COOKIE, wanted, max_age=_A_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Django's own, which keeps the choice in a cookie."""
    return set_language(request)
