"""The book of addresses to withdraw to."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.trust.rules import NEW_ADDRESS, rule_in_force
from iqx.web.lists import listed
from iqx.web.members import SteppedUpForm
from iqx.web.pages import ActionPage, Context, go
from wallets import selectors, services


class AddressForm(forms.Form):
    name = forms.CharField(
        max_length=60, label=gettext_lazy("Name"), help_text=gettext_lazy("Your own word for it, such as “my phone”.")
    )
    address = forms.CharField(
        max_length=80,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Copy it; compare the first and the last characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "num"}),
    )

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip()


class AddressesPage(SteppedUpForm):
    template = "wallets/addresses.html"
    form_class = AddressForm
    at = {"address_known": "address", "network_unavailable": "address"}

    def title(self) -> str:
        return _("Address book")

    def context(self) -> Context:
        rule = rule_in_force(NEW_ADDRESS)
        book = selectors.addresses_of(self.member.pk)
        return super().context() | {"book": listed(self.request, book), "hold_hours": (rule or {}).get("hours")}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        services.add_address(user=self.member, name=given["name"], address=given["address"], otp=self.otp(form))
        messages.success(self.request, _("The address is kept. We tell you by e-mail, too."))
        return go("web:addresses")


class DeleteAddress(ActionPage):
    def act(self) -> str:
        services.delete_address(address_id=self.kwargs["address_id"], user=self.member)
        return _("The address is forgotten.")

    def next_page(self) -> str:
        return resolve_url("web:addresses")
