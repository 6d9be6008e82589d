"""What staff's pages share: who may see them, how an action is carried out, and what is told afterwards."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views import View

from accounts.admin_door import is_proved
from accounts.models import User
from iqx.core import audit
from iqx.core.errors import DomainError, Invalid, NotFound
from iqx.core.money import USDT_PLACES

_REASON_AT_MOST = 500


def staff_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The admin's own door: who isn't staff is asked to log in."""
    return admin.site.admin_view(view)


class Form:
    """What was posted, read with the care that an act of staff's deserves."""

    def __init__(self, request: HttpRequest) -> None:
        self._post = request.POST

    def text(self, name: str) -> str:
        return self._post.get(name, "").strip()[:5000]

    def reason(self) -> str:
        """Why; an act that needs a reason isn't carried out without. Raises NoReasonError."""
        reason = self.text("reason")[:_REASON_AT_MOST]
        if not reason:
            raise NoReasonError
        return reason

    def amount(self, name: str) -> Decimal:
        return amount_of(self.text(name), name)

    def uuid(self, name: str) -> UUID:
        """Raises NotFound: it is none."""
        try:
            return UUID(self.text(name))
        except ValueError:
            raise NotFound from None

    def checked(self, name: str) -> list[str]:
        return self._post.getlist(name)


_TOO_MUCH: Final = Decimal(10) ** 14  # what the ledger's columns can't hold


def amount_of(text: str, field: str) -> Decimal:
    """USDT. Raises Invalid."""
    try:
        amount = Decimal(text)
        if not amount.is_finite() or abs(amount) >= _TOO_MUCH or round(amount, USDT_PLACES) != amount:
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid("Give an amount of USDT with six decimals at most.", field=field) from None
    return amount


class NoReasonError(Exception):
    """The reason was left empty."""


class DeskPage(View):
    """A page about one thing: `context` reads it, `actions` names what may be done there.

    Each action is a method that takes the form, calls one use case, and says what happened. A refusal is told, and
    the page shown again, as it is then.
    """

    template: ClassVar[str]
    title: ClassVar[str] = ""
    queue: ClassVar[str] = ""
    actions: ClassVar[tuple[str, ...]] = ()
    money_actions: ClassVar[frozenset[str]] = frozenset()
    """Those of `actions` that take a fresh proof of who he is, by whoever has a second factor."""

    @classmethod
    def at(cls, route: str, name: str) -> URLPattern:
        return path(route, staff_only(cls.as_view()), name=name)

    @property
    def actor(self) -> User:
        return cast("User", self.request.user)

    def context(self, *args: Any, **key: Any) -> dict[str, Any]:  # noqa: ANN401 as the route says
        raise NotImplementedError

    def get(self, request: HttpRequest, **key: Any) -> HttpResponse:  # noqa: ANN401
        audit.reading_as(self.actor.pk)  # what is opened from here is written down
        try:
            context = self.context(**key)
        except NotFound:
            raise Http404 from None
        shared = {
            "title": self.title,
            "queue": self.queue,
            "may_act": self.actor.may_act,
            "may_move_money": self.actor.is_superuser,
        }
        return render(request, self.template, admin.site.each_context(request) | shared | context)

    def post(self, request: HttpRequest, **key: Any) -> HttpResponse:  # noqa: ANN401
        action = request.POST.get("action", "")
        if action not in self.actions:
            raise Http404
        if action in self.money_actions and not is_proved(request):
            return HttpResponseRedirect(f"{reverse('desk:prove')}?{urlencode({'next': request.get_full_path()})}")
        try:
            told = getattr(self, action)(Form(request), **key)
        except NotFound:
            raise Http404 from None
        except NoReasonError:
            messages.error(request, "Say why: it is written down, and where somebody is refused something he reads it.")
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, told)
        return HttpResponseRedirect(request.get_full_path())
