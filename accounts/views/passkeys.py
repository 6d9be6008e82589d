"""Passkeys: added, removed, logged in by, and exchanged for a code wherever one is asked for.

The server issues a challenge, `iqx/passkeys.js` has the authenticator sign it, and a form brings the answer.
"""

from contextlib import suppress
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.api.requests import client_of
from accounts.errors import PasskeyRefused
from accounts.models import EmailPurpose, Passkey, User
from accounts.selectors import passkeys_of
from accounts.services.codes import owner_of_code
from accounts.services.passkeys import Ceremony
from accounts.views.entry import HALF_WAY, EntryPage
from accounts.views.forms import PasswordField
from accounts.views.security import GuardedForm
from iqx.core.errors import DomainError, NotFound
from iqx.web.members import MemberPage, SteppedUpForm
from iqx.web.pages import Context, Page, go, safe_next
from iqx.web.says import told

_LONGEST: Final = 20_000


class AnswerForm(forms.Form):
    """What the authenticator answered to a challenge."""

    challenge = forms.UUIDField()
    credential = forms.JSONField(max_length=_LONGEST)

    def read(self) -> dict[str, Any]:
        """What the use cases take. Raises: PasskeyRefused."""
        with suppress(RecursionError):
            if self.is_valid() and isinstance(self.cleaned_data["credential"], dict):
                return self.cleaned_data
        raise PasskeyRefused


class NewPasskeyForm(forms.Form):
    name = forms.CharField(
        max_length=60,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Where you keep it, such as “my phone” or “blue key”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MadeForm(AnswerForm, NewPasskeyForm):
    pass


class PasskeysPage(GuardedForm):
    """One's passkeys, and the first step to another: after the second factor, or the password of who has none."""

    template = "accounts/passkeys.html"
    form_class = NewPasskeyForm
    at: ClassVar = {"wrong_password": "password"}

    def title(self) -> str:
        return _("Passkeys")

    def make_form(self) -> forms.Form:
        form = super().make_form()
        if not self.member.two_factor:
            form.fields["password"] = PasswordField(label=gettext_lazy("Current password"))
        return form

    def context(self) -> Context:
        keys = list(passkeys_of(self.member.pk).order_by("-pk"))
        return super().context() | {"keys": keys, "elsewhere": home_of_passkeys(self.request)}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        begun = services.begin_adding_passkey(
            user=self.member,
            password=form.cleaned_data.get("password", ""),
            otp=self.otp(form),
            client=client_of(self.request),
        )
        return ceremony_page(
            self.request,
            begun,
            kind="create",
            title=_("Add a passkey"),
            text=_("Your device asks you to confirm with your finger, your face or its PIN."),
            action=resolve_url("web:passkey-add"),
            back=resolve_url("web:passkeys"),
            carried={"name": form.cleaned_data["name"]},
        )


class AddPasskey(MemberPage):
    """The second step: what the authenticator made."""

    template = "accounts/recovery_codes.html"
    quota = "login"

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return go("web:passkeys")

    def title(self) -> str:
        return _("Your recovery codes")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            added = services.add_passkey(user_id=self.member.pk, **MadeForm(request.POST).read())
        except DomainError as error:
            messages.error(request, told(error))
            return go("web:passkeys")
        messages.success(request, _("The passkey is added."))
        if not added.recovery_codes:
            return go("web:passkeys")
        self.member.refresh_from_db()
        return self.render(codes=added.recovery_codes)


class RemovePasskey(SteppedUpForm):
    back = ("web:passkeys", gettext_lazy("Passkeys"))
    danger = True
    quota = "login"

    @cached_property
    def passkey(self) -> Passkey:
        found = passkeys_of(self.member.pk).filter(pk=self.kwargs["passkey_id"]).first()
        if found is None:
            raise NotFound
        return found

    def title(self) -> str:
        return _("Remove the passkey %(name)s") % {"name": self.passkey.name}

    def intro(self) -> str:
        return _("It opens nothing here any more. Delete it on your device, too.")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.remove_passkey(user_id=self.member.pk, passkey_id=self.passkey.pk, otp=self.otp(form))
        self.member.refresh_from_db()
        if self.member.two_factor:
            messages.success(self.request, _("The passkey is removed."))
        else:
            messages.success(self.request, _("The passkey is removed, and your second factor is off: it was the last."))
        return go("web:passkeys")


class LoginByPasskey(EntryPage):
    """Logging in without e-mail and password; it is both factors, so the second step of a log-in offers it, too."""

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return go("web:login")

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if "challenge" not in request.POST:
            return self._begin()
        try:
            answer = AnswerForm(request.POST).read()
            login = services.log_in_by_passkey(**answer, client=client_of(request))
        except DomainError as error:
            messages.error(request, told(error))
            return go("web:login")
        request.session.pop(HALF_WAY, None)
        return self.enter(login)

    def _begin(self) -> HttpResponseBase:
        return ceremony_page(
            self.request,
            services.begin_log_in(),
            kind="get",
            title=_("Log in with a passkey"),
            text=_("Your device asks which of your passkeys to use, and to confirm."),
            action=self.request.path,
            back=resolve_url("web:login"),
            carried={"next": safe_next(self.request)},
        )


class StepUp(Page):
    """What passkeys.js asks for beside a field for a code: a challenge, and for its signature a code.

    Who chooses a new password is known by the code that was mailed to him, whoever is logged in here.
    """

    http_method_names = ["post"]
    quota = "login"

    @property
    def person(self) -> User:
        mailed = self.request.POST.get("token", "").strip()
        found = owner_of_code(mailed, EmailPurpose.RESET) if mailed else self.user
        if found is None:
            raise NotFound
        return found

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if "challenge" not in request.POST:
            begun = services.begin_step_up(user=self.person)
            return JsonResponse({"challenge": str(begun.id), "options": begun.options})
        code = services.step_up(user_id=self.person.pk, **AnswerForm(request.POST).read())
        return JsonResponse({"otp": code.otp})


def ceremony_page(request: HttpRequest, begun: Ceremony, *, carried: dict[str, str], **shown: str) -> HttpResponseBase:
    """The page on which the authenticator is asked; `carried` comes along with its answer."""
    shown_to = {"ceremony": begun, "carried": carried.items(), "elsewhere": home_of_passkeys(request)}
    return render(request, "accounts/passkey.html", shown | shown_to)


def home_of_passkeys(request: HttpRequest) -> str:
    """Where this page has passkeys, if it has none at this address: they belong to one domain."""
    here, domain = urlsplit(f"//{request.get_host()}"), settings.PASSKEY_RP_ID
    if here.hostname and (here.hostname == domain or here.hostname.endswith(f".{domain}")):
        return ""
    port = f":{here.port}" if here.port else ""
    return f"{request.scheme}://{domain}{port}{request.path}"
