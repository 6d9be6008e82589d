"""`Page`: what all pages have in common, so that a view is parse -> one use case or some selectors -> render.

A page has a template, and *parts*: pieces of it that a browser can ask for alone (`?part=book`), so that live.js can
have them rendered anew when the feed says that something happened. Each part has a template and a method that reads
what it shows (`part_<name>`); the page as a whole is made of the same parts. See docs/web.md.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.generic import View

from accounts.models import User
from iqx.core.api.clients import client_network
from iqx.core.api.errors import Throttled
from iqx.core.errors import DomainError, Invalid
from iqx.core.events import user_stream
from iqx.core.models import Stream
from iqx.core.quota import policy_named, spend
from iqx.web.says import told
from iqx.web.shared import rendered_once

Context = dict[str, Any]
SAFE: tuple[str, ...] = ("GET", "HEAD", "OPTIONS")


class Page(View):
    """A page, or its answer to a form.

    `members_only`: strangers log in first. `quota`: the quota that a POST counts against. `streams`: what live.js
    follows here besides the reader's own stream; each as the feed names it. `shared`: the parts that show everybody
    the same, but for language and time zone, and change with `streams` alone.
    """

    template: ClassVar[str] = ""
    parts: ClassVar[dict[str, str]] = {}
    shared: ClassVar[frozenset[str]] = frozenset()
    members_only: ClassVar[bool] = False
    quota: ClassVar[str] = "writes"
    http_method_names = ["get", "post", "head", "options"]

    @property
    def user(self) -> User | None:
        """Who reads, if he is logged in."""
        user = self.request.user
        return user if isinstance(user, User) else None

    @property
    def member(self) -> User:
        """Who reads, where strangers can't."""
        return cast("User", self.request.user)

    def title(self) -> str:
        return ""

    def context(self) -> Context:
        """What the page shows besides its parts."""
        return {}

    def streams(self) -> Sequence[str]:
        return ()

    # Answering

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if self.members_only and self.user is None:
            return to_login(request)
        try:
            self._count(request)
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return refusal_page(request, error)

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        wanted = request.GET.get("part")
        if wanted is None:
            return self.render()
        if wanted not in self.parts:
            raise Http404
        if wanted not in self.shared:
            return HttpResponse(self.render_part(wanted))
        what = (request.get_full_path(), get_language() or "", timezone.get_current_timezone_name())
        return HttpResponse(rendered_once(self.streams(), what, lambda: self.render_part(wanted)))

    def render_part(self, name: str) -> str:
        return render_to_string(self.parts[name], self.frame() | self.part(name), self.request)

    def part(self, name: str) -> Context:
        return cast("Context", getattr(self, f"part_{name}")())

    def render(self, status: int = 200, **more: object) -> HttpResponse:
        """The whole page. The streams' heads are read first: what happens meanwhile is only rendered once more."""
        live = self.live()
        context = self.frame() | {"live": live, "title": self.title()} | self.context()
        for name in self.parts:
            context |= self.part(name)
        return render(self.request, self.template, context | more, status=status)

    def frame(self) -> Context:
        """What templates of pages and parts know in any case."""
        return {"page": self, "user": self.request.user, "parts": self.parts}

    def live(self) -> list[dict[str, object]]:
        """The channels that live.js subscribes to, each from where the page stands: one query."""
        names = {
            stream: {"channel": "market_updates", "market": stream.removeprefix("market:")} for stream in self.streams()
        }
        if self.user:
            names[user_stream(self.user.pk)] = {"channel": "user"}
        heads = dict(Stream.objects.filter(pk__in=names).values_list("name", "head")) if names else {}
        return [{**channel, "since": heads.get(stream, 0)} for stream, channel in names.items()]

    def _count(self, request: HttpRequest) -> None:
        """Raises: Throttled."""
        charge(request, "reads" if request.method in SAFE else self.quota)


class FormPage(Page):
    """A page with one form: `submit` calls the use case, and answers with where to go next.

    A refusal is shown at the field that it is about, or above the form; the page then has the refusal's status.
    """

    form_class: ClassVar[type[forms.Form]] = forms.Form
    button: ClassVar[str | Promise] = ""

    def initial(self) -> Context:
        return {}

    def make_form(self) -> forms.Form:
        if self.request.method == "POST":
            return self.form_class(self.request.POST, self.request.FILES)
        return self.form_class(initial=self.initial())

    def context(self) -> Context:
        return {"form": self.make_form()}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 each page knows its own
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        form = self.make_form()
        if not form.is_valid():
            return self.render(HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
        try:
            return self.submit(form)
        except DomainError as error:
            add_refusal(form, error)
            return self.render(error.status, form=form)


class ActionPage(Page):
    """Something to be done by a button: a POST that leads back to a page, which tells how it went."""

    members_only = True
    http_method_names = ["post"]

    def act(self) -> str | None:
        """Do it; what to tell."""
        raise NotImplementedError

    def next_page(self) -> str:
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        try:
            done = self.act()
        except DomainError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise
            messages.error(request, told(error))
        else:
            if done:
                messages.success(request, done)
        return redirect(self.next_page())


def charge(request: HttpRequest, quota: str) -> None:
    """Count a request against a quota, as the API does. Raises: Throttled."""
    from django.conf import settings

    if not settings.RATE_LIMITS_ON:
        return
    by_address = quota in {"login", "register"} or not request.user.is_authenticated
    who = f"address:{client_network(request)}" if by_address else f"user:{request.user.pk}"
    usage = spend(policy_named(quota), who)
    if not usage.granted:
        raise Throttled


def add_refusal(form: forms.Form, error: DomainError) -> None:
    field = error.field if isinstance(error, Invalid) and error.field in form.fields else None
    form.add_error(field, told(error))


def refusal_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A refusal as a page of its own, with its status."""
    return render(request, "web/refused.html", {"told": told(error), "status": error.status}, status=error.status)


def to_login(request: HttpRequest) -> HttpResponseBase:
    """Have somebody log in, and come back. A part of a page has the whole page reloaded."""
    if "part" in request.GET or request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    back = request.get_full_path() if request.method in SAFE else ""
    query = f"?{urlencode({'next': back})}" if back else ""
    return redirect(f"{resolve_url('web:login')}{query}")


def safe_next(request: HttpRequest, otherwise: str = "web:home") -> str:
    """Where `next` leads, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else resolve_url(otherwise)


def go(to: str, **named: Any) -> HttpResponseRedirect:  # noqa: ANN401 whatever an address is made of
    """To a page, by its name or address."""
    return HttpResponseRedirect(resolve_url(to, **named))
