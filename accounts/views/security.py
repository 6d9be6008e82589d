"""What protects an account: password, second factor, sessions, and the way to say that it wasn't oneself."""

from typing import Any, ClassVar, Final
from uuid import UUID

import segno
from django import forms
from django.contrib import auth, messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services, web_sessions
from accounts.api.requests import client_of
from accounts.errors import LoginLocked
from accounts.selectors import api_keys_of, has_app, passkeys_of, sessions_of
from accounts.views.entry import add_wait
from accounts.views.forms import MailedCodeForm, PasswordField
from iqx.core.errors import DomainError
from iqx.web.lists import listed
from iqx.web.members import MemberForm, MemberPage, OtpField, SteppedUpForm
from iqx.web.pages import ActionPage, Context, FormPage, Page, go

_NO_SESSION: Final = UUID(int=0)


class SecurityPage(MemberPage):
    template = "accounts/security.html"

    def title(self) -> str:
        return _("Security")

    def context(self) -> Context:
        me = self.member.pk
        return {
            "sessions": sessions_of(me).count(),
            "keys": api_keys_of(me).count(),
            "passkeys": passkeys_of(me).count(),
        }


class GuardedForm(SteppedUpForm):
    """A form that takes the password: guesses count as those of log-ins do, and it says how long to wait."""

    quota = "login"

    def refuse(self, form: forms.Form, error: DomainError) -> None:
        if isinstance(error, LoginLocked):
            add_wait(form, error.retry_after_s)
        else:
            super().refuse(form, error)


class PasswordForm(forms.Form):
    current_password = PasswordField(label=gettext_lazy("Current password"))
    new_password = PasswordField(
        new=True,
        min_length=8,
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least 8 characters. A sentence is best."),
    )


class PasswordPage(GuardedForm):
    form_class = PasswordForm
    back = ("web:security", gettext_lazy("Security"))
    at: ClassVar = {"wrong_password": "current_password"}

    def title(self) -> str:
        return _("Change the password")

    def intro(self) -> str:
        return _("All your other devices are logged out. Where withdrawals are held after a change, we say so.")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        services.change_password(
            user=self.member,
            session_id=web_sessions.session_id_of(self.request) or _NO_SESSION,
            current_password=given["current_password"],
            new_password=given["new_password"],
            otp=self.otp(form),
            client=client_of(self.request),
        )
        self.member.refresh_from_db()
        auth.update_session_auth_hash(self.request, self.member)
        messages.success(self.request, _("Your password is changed, and all other devices are logged out."))
        return go("web:security")


class CodeForm(forms.Form):
    otp = OtpField(label=gettext_lazy("Code that the app shows"), help_text="")


class TwoFactorPage(MemberForm):
    """Setting the second factor up in three steps: a secret, a code of it, recovery codes. Or what to do with it."""

    template = "accounts/two_factor.html"
    form_class = CodeForm
    quota = "login"
    at: ClassVar = {"two_factor_off": "otp"}

    def title(self) -> str:
        return _("Second factor")

    def context(self) -> Context:
        found = super().context()
        if self.member.two_factor and has_app(self.member.pk):
            return found | {"has_app": True}
        pending = services.pending_two_factor(user_id=self.member.pk)
        if pending is None:
            return found
        return found | {"secret": _grouped(pending.secret), "picture": _picture(pending.uri), "uri": pending.uri}

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if request.POST.get("do") == "begin":
            services.set_up_two_factor(user_id=self.member.pk)
            return go("web:two-factor")
        return super().post(request, **kwargs)

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        codes = services.confirm_two_factor(user_id=self.member.pk, otp=form.cleaned_data["otp"])
        self.member.refresh_from_db()
        return self.render(form=form, codes=codes, title=_("Your recovery codes"))


class AppPage(SteppedUpForm):
    """An authenticator app besides passkeys, by one of which it is begun."""

    back = ("web:two-factor", gettext_lazy("Second factor"))
    quota = "login"

    def title(self) -> str:
        return _("Set up an authenticator app")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.set_up_two_factor(user_id=self.member.pk, otp=self.otp(form))
        return go("web:two-factor")


class FactorForm(GuardedForm):
    """For those who have a second factor; the others may set one up."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if self.user and not self.user.two_factor:
            return go("web:two-factor")
        return super().dispatch(request, *args, **kwargs)


class RecoveryCodesPage(FactorForm):
    """New recovery codes in place of the old, shown this once."""

    template = "accounts/recovery_codes.html"
    at: ClassVar = {"two_factor_off": "otp"}

    def title(self) -> str:
        return _("New recovery codes")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        codes = services.renew_recovery_codes(user_id=self.member.pk, otp=self.otp(form))
        return self.render(form=form, codes=codes, title=_("Your recovery codes"))


class OffForm(forms.Form):
    password = PasswordField()


class TwoFactorOffPage(FactorForm):
    form_class = OffForm
    back = ("web:two-factor", gettext_lazy("Second factor"))
    danger = True
    at: ClassVar = {"wrong_password": "password"}

    def title(self) -> str:
        return _("Switch the second factor off")

    def intro(self) -> str:
        return _("Whoever learns your password can then do everything here. You are told by e-mail.")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.disable_two_factor(
            user=self.member,
            password=form.cleaned_data["password"],
            otp=self.otp(form),
            client=client_of(self.request),
        )
        messages.success(self.request, _("The second factor is off."))
        return go("web:security")


class SessionsPage(MemberPage):
    template = "accounts/sessions.html"

    def title(self) -> str:
        return _("Where you are logged in")

    def context(self) -> Context:
        sessions = listed(self.request, sessions_of(self.member.pk))
        return {"sessions": sessions, "current": web_sessions.session_id_of(self.request)}


class EndSession(ActionPage):
    def act(self) -> str:
        services.end_session(user_id=self.member.pk, session_id=self.kwargs["session_id"])
        return _("That device is logged out.")

    def next_page(self) -> str:
        return resolve_url("web:sessions")


class EndSessions(Page):
    """Log out everywhere, here too."""

    members_only = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        services.log_out_everywhere(user_id=self.member.pk)
        auth.logout(request)
        messages.success(request, _("You are logged out everywhere."))
        return go("web:login")


class NotMePage(FormPage):
    """Where the code of a security alert's e-mail leads: it shuts everybody out."""

    template = "accounts/not_me.html"
    form_class = MailedCodeForm
    quota = "login"

    def title(self) -> str:
        return _("It was not me")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.disown(token=form.cleaned_data["token"].strip())
        auth.logout(self.request)
        messages.success(
            self.request,
            _("Everybody is logged out, withdrawals are held. A code for a new password is on its way to you."),
        )
        return go("web:password-new")


def _grouped(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _picture(uri: str) -> SafeString:
    return mark_safe(segno.make(uri).svg_inline(omitsize=True, light="white", dark="black"))  # noqa: S308 drawn by segno
