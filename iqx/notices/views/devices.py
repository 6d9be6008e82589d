"""Browsers that are told by Web Push. Asking for the permission takes a script: push.js."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from iqx.notices import addresses
from iqx.notices.models import PushSubscription
from iqx.notices.providers.web_push import public_key
from iqx.web.members import MemberForm
from iqx.web.pages import ActionPage

LATER: Final = "push"
"""The cookie of who wants no offer for now (push.js sets it)."""


def offered_key(request: HttpRequest) -> str | None:
    """What `web/push_offer.html` needs, where a browser may be offered to be told; None if it may not."""
    return None if LATER in request.COOKIES else public_key()


class SubscriptionForm(forms.Form):
    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=200)
    auth = forms.CharField(max_length=100)


class SubscribePage(MemberForm):
    """What push.js posts when a browser was permitted to be told."""

    http_method_names = ["post"]
    form_class = SubscriptionForm

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        address = {"endpoint": given["endpoint"], "keys": {"p256dh": given["p256dh"], "auth": given["auth"]}}
        addresses.subscribe(user=self.member, type=PushSubscription.Type.WEB_PUSH, address=address)
        return HttpResponse(status=204)

    def render(self, status: int = 200, **more: object) -> HttpResponse:
        return HttpResponse(status=status)


class ForgetDevice(ActionPage):
    def act(self) -> str:
        addresses.unsubscribe(user_id=self.member.pk, subscription_id=self.kwargs["device_id"])
        return _("That device is told nothing any more.")

    def next_page(self) -> str:
        return resolve_url("web:notice-preferences")
