"""How one is told what: language, time zone, quiet hours, and a channel for each kind of notice."""

import zoneinfo
from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iqx.notices import addresses, selectors, services
from iqx.notices.catalogue import Channel, Kind, is_on, kinds_for
from iqx.notices.errors import PhoneCodeInvalid
from iqx.notices.models import Preferences
from iqx.notices.providers import push, twilio
from iqx.notices.providers.web_push import public_key
from iqx.notices.views.texts import CHANNELS, GROUPS, KINDS
from iqx.web.members import MemberForm
from iqx.web.pages import ActionPage, Context, go

_SEPARATOR: Final = ":"


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(label=gettext_lazy("Language of messages"), choices=settings.LANGUAGES)
    time_zone = forms.CharField(
        max_length=64,
        label=gettext_lazy("Time zone"),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    quiet_from = forms.TimeField(
        required=False, label=gettext_lazy("Quiet from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        required=False, label=gettext_lazy("until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (given.get("quiet_from") is None) != (given.get("quiet_until") is None):
            self.add_error("quiet_until", _("Give both times, or none."))
        return given


class PreferencesPage(MemberForm):
    template = "notices/preferences.html"

    @cached_property
    def preferences(self) -> Preferences:
        return selectors.preferences_of(self.member.pk)

    @cached_property
    def kinds(self) -> list[Kind]:
        return kinds_for(staff=self.member.is_staff_member)

    @cached_property
    def channels(self) -> list[Channel]:
        """Those that the platform can send by."""
        there = {
            Channel.IN_APP: True,
            Channel.EMAIL: True,
            Channel.SMS: twilio.Twilio().is_available(),
            Channel.PUSH: push.Push().is_available(),
        }
        return [channel for channel in Channel if there[channel]]

    def title(self) -> str:
        return _("What you are told, and how")

    def make_form(self) -> forms.Form:
        if self.request.method == "POST":
            return PreferencesForm(self.request.POST)
        mine = self.preferences
        names = ("language", "time_zone", "quiet_from", "quiet_until")
        return PreferencesForm(initial={name: getattr(mine, name) for name in names})

    def context(self) -> Context:
        devices = list(selectors.subscriptions_of(self.member.pk).order_by("-id"))
        sms = Channel.SMS in self.channels
        return super().context() | {
            "groups": self._groups(),
            "channels": [CHANNELS[channel] for channel in self.channels],
            "zones": sorted(zoneinfo.available_timezones()),
            "devices": devices,
            "push_key": public_key(),
            "sms": sms,
            "phone": addresses.phone_of(self.member.pk) if sms else None,
        }

    def _groups(self) -> list[tuple[Any, list[Any]]]:
        """Of each group its kinds, each with a box for every channel: its name, on or off, and whether it is fixed."""
        rows: dict[str, list[Any]] = {}
        for kind in self.kinds:
            boxes = [
                (
                    f"{kind.code}{_SEPARATOR}{channel.value}",
                    CHANNELS[channel],
                    is_on(kind, channel, self.preferences.choices),
                    channel in kind.locked,
                )
                for channel in self.channels
            ]
            rows.setdefault(kind.group, []).append((KINDS.get(kind.code, kind.code), kind.urgent, boxes))
        return [(GROUPS[group], kinds) for group, kinds in rows.items()]

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        quiet = {"from": given["quiet_from"], "until": given["quiet_until"]} if given["quiet_from"] else None
        services.change_preferences(
            user_id=self.member.pk,
            language=given["language"],
            time_zone=given["time_zone"],
            quiet_hours=quiet,
            end_quiet_hours=quiet is None,
            notices=self._chosen(),
        )
        messages.success(self.request, _("Kept."))
        return go("web:notice-preferences")

    def _chosen(self) -> dict[str, dict[str, bool]]:
        """What each box says; those that are fixed are left as they are."""
        ticked = set(self.request.POST.getlist("on"))
        return {
            kind.code: {
                channel.value: f"{kind.code}{_SEPARATOR}{channel.value}" in ticked
                for channel in self.channels
                if channel not in kind.locked
            }
            for kind in self.kinds
        }

    at: ClassVar = {}


class PhoneForm(forms.Form):
    phone = forms.CharField(
        max_length=30,
        label=gettext_lazy("Telephone"),
        help_text=gettext_lazy("With its country: +49 30 1234567."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


class PhonePage(MemberForm):
    form_class = PhoneForm
    button = gettext_lazy("Text me a code")
    back = ("web:notice-preferences", gettext_lazy("Notices"))
    at: ClassVar = {"channel_unavailable": "phone", "too_many_phone_codes": "phone"}

    def title(self) -> str:
        return _("A telephone for SMS")

    def intro(self) -> str:
        return _("We text a code there, to see that it is yours.")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        addresses.ask_for_phone(user=self.member, number=form.cleaned_data["phone"])
        return go("web:phone-code")


class PhoneCodeForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        label=gettext_lazy("Code from the SMS"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "num code"}),
    )


class PhoneCodePage(MemberForm):
    form_class = PhoneCodeForm
    back = ("web:phone", gettext_lazy("Another number"))
    at: ClassVar = {"phone_code_invalid": "code"}

    def title(self) -> str:
        return _("Confirm your telephone")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        if not addresses.confirm_phone(user_id=self.member.pk, code=form.cleaned_data["code"].strip()):
            raise PhoneCodeInvalid
        messages.success(self.request, _("Your telephone is confirmed."))
        return go("web:notice-preferences")


class ForgetPhone(ActionPage):
    def act(self) -> str:
        addresses.forget_phone(user_id=self.member.pk)
        return _("The telephone is forgotten.")

    def next_page(self) -> str:
        return resolve_url("web:notice-preferences")
