"""API keys: made, shown once, and revoked."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.models import Scope
from accounts.selectors import api_keys_of
from iqx.core import clock
from iqx.web.lists import listed
from iqx.web.members import SteppedUpForm
from iqx.web.pages import ActionPage, Context

_MOST_NETWORKS: Final = 50
SCOPES: Final = {
    Scope.READ: gettext_lazy("Read"),
    Scope.TRADE: gettext_lazy("Trade"),
    Scope.WITHDRAW: gettext_lazy("Withdraw"),
}
LASTS: Final = [
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    ("", gettext_lazy("Until I revoke it")),
]


class KeyForm(forms.Form):
    name = forms.CharField(max_length=60, label=gettext_lazy("Name"), help_text=gettext_lazy("What it is for."))
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose one at least.")},
    )
    allowed_ips = forms.CharField(
        required=False,
        max_length=2500,
        label=gettext_lazy("From these addresses alone"),
        help_text=gettext_lazy("One a line, such as 192.0.2.7 or 192.0.2.0/24. Empty: from anywhere."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    lasts = forms.ChoiceField(required=False, label=gettext_lazy("Good for"), choices=LASTS, initial="90")

    def clean_allowed_ips(self) -> list[str]:
        lines = self.cleaned_data["allowed_ips"].replace(",", "\n").split()
        if len(lines) > _MOST_NETWORKS:
            raise ValidationError(_("50 addresses at most."))
        return [_network(line) for line in lines]


class ApiKeysPage(SteppedUpForm):
    template = "accounts/api_keys.html"
    form_class = KeyForm
    at: ClassVar = {}

    def title(self) -> str:
        return _("API keys")

    def context(self) -> Context:
        keys = listed(self.request, api_keys_of(self.member.pk))
        return super().context() | {"keys": keys, "scopes": SCOPES, "now": clock.now()}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        made = services.create_api_key(
            user_id=self.member.pk,
            name=given["name"],
            scopes=given["scopes"],
            allowed_ips=given["allowed_ips"],
            expires_at=clock.now() + timedelta(days=int(given["lasts"])) if given["lasts"] else None,
            otp=self.otp(form),
        )
        return self.render(form=form, made=made, title=_("Your new API key"))


class RevokeKey(ActionPage):
    def act(self) -> str:
        services.revoke_api_key(user_id=self.member.pk, key_id=self.kwargs["key_id"])
        return _("The key is revoked.")

    def next_page(self) -> str:
        return resolve_url("web:api-keys")


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise ValidationError(_("%(text)s is no address."), params={"text": text}) from None
