"""The way in and out: the same use cases as the API's, with the same lock-out; a session cookie instead of tokens."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services, web_sessions
from accounts.api.requests import client_of
from accounts.errors import AuthenticationFailed, LoginLocked, OtpLocked, OtpRequired
from accounts.views import forms
from iqx.core import clock, numbers
from iqx.web.pages import Context, FormPage, Page, go, safe_next

HALF_WAY: Final = "half_way"  # who has shown his password, and not yet his second factor
_HALF_WAY_S: Final = 300


class EntryPage(FormPage):
    """A form for who isn't logged in; who is, needs none."""

    template = "accounts/entry.html"
    quota = "login"
    links: tuple[str, ...] = ()

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if self.user is not None:
            return go(safe_next(request))
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> Context:
        next_page = safe_next(self.request)
        return super().context() | {"next": next_page if next_page != "/" else "", "intro": self.intro()}

    def intro(self) -> str:
        return ""

    def enter(self, login: services.LoggedIn) -> HttpResponseBase:
        next_page = safe_next(self.request)
        web_sessions.enter(self.request, login)
        return go(next_page)


class LoginPage(EntryPage):
    form_class = forms.LoginForm
    links = ("passkey", "register", "password-forgotten")

    def title(self) -> str:
        return _("Log in")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given, client = form.cleaned_data, client_of(self.request)
        try:
            return self.enter(services.log_in(**given, client=client))
        except OtpRequired:
            user = services.who_has(email=given["email"])
            self.request.session[HALF_WAY] = [str(user.pk), user.get_session_auth_hash(), clock.now().timestamp()]
            return go_on(self.request)
        except LoginLocked as error:
            add_wait(form, error.retry_after_s)
            return self.render(error.status, form=form)


class CodePage(EntryPage):
    """The second step of logging in, for those who have a second factor."""

    form_class = forms.CodeForm
    links = ("passkey",)

    def title(self) -> str:
        return _("Second factor")

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if self.half_way() is None:
            return go("web:login")
        return super().dispatch(request, *args, **kwargs)

    def half_way(self) -> tuple[str, str] | None:
        user_id, proof, at = self.request.session.get(HALF_WAY) or ("", "", 0.0)
        return (user_id, proof) if clock.now().timestamp() - at < _HALF_WAY_S else None

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        user_id, proof = self.half_way() or ("", "")
        try:
            login = services.finish_log_in(
                user_id=user_id, proof=proof, otp=form.cleaned_data["otp"], client=client_of(self.request)
            )
        except OtpLocked as error:
            add_wait(form, error.retry_after_s)
            return self.render(error.status, form=form)
        except AuthenticationFailed:
            del self.request.session[HALF_WAY]
            return go("web:login")
        del self.request.session[HALF_WAY]
        return self.enter(login)


class RegisterPage(EntryPage):
    form_class = forms.RegisterForm
    quota = "register"
    links = ("login",)

    def title(self) -> str:
        return _("Create an account")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        login = services.register(**form.cleaned_data, client=client_of(self.request))
        if login is None:
            messages.success(self.request, _("Almost done: a code is on its way to your mailbox."))
            return go("web:verify")
        return self.enter(login)


class VerifyPage(FormPage):
    """Where the code of a registration, or of an address to be confirmed, is entered."""

    template = "accounts/entry.html"
    quota = "login"
    form_class = forms.MailedCodeForm
    button = gettext_lazy("Confirm")

    def title(self) -> str:
        return _("Confirm your e-mail")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.verify_email(code=form.cleaned_data["token"].strip())
        messages.success(self.request, _("Your e-mail address is confirmed."))
        return go("web:home" if self.user else "web:login")


class ForgottenPage(EntryPage):
    form_class = forms.ForgottenForm
    button = gettext_lazy("Mail me a code")
    links = ("login",)

    def title(self) -> str:
        return _("Forgotten your password?")

    def intro(self) -> str:
        return _("We mail you a code with which to choose a new one.")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.request_password_reset(email=form.cleaned_data["email"])
        messages.success(self.request, _("If there is an account with this e-mail, a code is on its way to it."))
        return go("web:password-new")


class NewPasswordPage(EntryPage):
    form_class = forms.NewPasswordForm
    links = ("password-forgotten",)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return FormPage.dispatch(self, request, *args, **kwargs)  # also for who is logged in: the code says who it is

    def title(self) -> str:
        return _("Choose a new password")

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        login = services.reset_password(
            code=given["token"].strip(), password=given["password"], otp=given["otp"], client=client_of(self.request)
        )
        messages.success(self.request, _("Your new password is set, and all other devices are logged out."))
        return self.enter(login)


class LogoutPage(Page):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        web_sessions.leave(request)
        messages.success(request, _("You are logged out."))
        return go("web:home")


def go_on(request: HttpRequest) -> HttpResponseBase:
    """To the second step, with where to go after it."""
    response = go("web:login-code")
    next_page = safe_next(request)
    if next_page != "/":
        response["Location"] += f"?{urlencode({'next': next_page})}"
    return response


def add_wait(form: Any, seconds: int) -> None:  # noqa: ANN401 any form
    text = _("Too many attempts. Try again in %(time)s; resetting the password by e-mail works at once.")
    form.add_error(None, text % {"time": numbers.span(seconds)})
