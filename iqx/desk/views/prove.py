"""Who moves money shows who he is once more: by password and second factor, or by a passkey, which is both."""

import json
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views import View

from accounts import services
from accounts.admin_door import prove
from accounts.api.requests import client_of
from accounts.errors import PasskeyRefused
from accounts.models import User
from iqx.core.errors import DomainError, NotFound
from iqx.desk.views.base import staff_only
from iqx.web.pages import safe_next

_LONGEST = 8192


class ProvePage(View):
    """Returns to the page from where somebody was sent here; what he wanted to do there he does again."""

    @classmethod
    def at(cls, route: str, name: str) -> URLPattern:
        return path(route, staff_only(cls.as_view()), name=name)

    @property
    def user(self) -> User:
        return cast("User", self.request.user)

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "title": "Show who you are",
            "next": safe_next(request, "admin:index"),
            "minutes": _minutes(),
            "ceremony": self._ceremony(),
        }
        return render(request, "desk/prove.html", admin.site.each_context(request) | context)

    def post(self, request: HttpRequest) -> HttpResponse:
        to = safe_next(request, "admin:index")
        try:
            self._check()
        except DomainError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(f"{reverse('desk:prove')}?{urlencode({'next': to})}")
        prove(request)
        messages.success(request, f"Thank you: that is good for {_minutes()} minutes. Do now what you came for.")
        return HttpResponseRedirect(to)

    def _check(self) -> None:
        given = self.request.POST
        if given.get("credential"):
            code = services.step_up(user_id=self.user.pk, **_signed(given["credential"]))
            services.prove_second_factor(user_id=self.user.pk, otp=code.otp)
        else:
            services.check_both_factors(
                email=self.user.email,
                password=given.get("password", ""),
                otp=given.get("otp", "").strip(),
                client=client_of(self.request),
            )

    def _ceremony(self) -> dict[str, Any] | None:
        """What the browser asks one of the user's passkeys, if he has some."""
        try:
            begun = services.begin_step_up(user=self.user)
        except NotFound:
            return None
        return {"challenge": str(begun.id), "options": begun.options}


def _signed(text: str) -> dict[str, Any]:
    """A passkey's answer, as the page sent it. Raises PasskeyRefused."""
    try:
        answer = json.loads(text[:_LONGEST])
        return {"challenge": UUID(answer["challenge"]), "credential": dict(answer["credential"])}
    except (ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error


def _minutes() -> int:
    minutes: int = settings.ADMIN_PROOF_SECONDS // 60
    return minutes
