"""Forms of members: a refusal stands at the field that it is about, and what is sensitive takes the second factor."""

from http import HTTPStatus
from typing import Any, ClassVar, Final

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import login_guard
from accounts.errors import OtpLocked
from accounts.models import User
from accounts.selectors import passkeys_of
from iqx.core import numbers
from iqx.core.errors import DomainError
from iqx.web.pages import Context, FormPage, Page, add_refusal
from iqx.web.says import told

OTP: Final = "otp"
_OF_OTP: Final = dict.fromkeys(("otp_required", "otp_invalid", "otp_locked"), OTP)


class MemberPage(Page):
    members_only = True


class MemberForm(FormPage):
    """A form for members. `at` names the fields at which refusals are told, by their codes."""

    template = "web/form.html"
    members_only = True
    at: ClassVar[dict[str, str]] = {}
    back: ClassVar[tuple[str, Any]] = ("", "")
    danger: ClassVar[bool] = False

    def intro(self) -> str:
        return ""

    def context(self) -> Context:
        return super().context() | {"intro": self.intro()}

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        form = self.make_form()
        if not form.is_valid():
            return self.render(HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
        try:
            return self.submit(form)
        except DomainError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise
            self.refuse(form, error)
            return self.render(error.status, form=form)

    def refuse(self, form: forms.Form, error: DomainError) -> None:
        tell_at(form, error, self.at)


class OtpField(forms.CharField):
    """A code of the second factor; for those who have none the field is not there. A passkey can stand in for it."""

    def __init__(self, *, by_passkey: bool = False, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        self.by_passkey = by_passkey
        options.setdefault("label", gettext_lazy("Code of your second factor"))
        options.setdefault("help_text", gettext_lazy("From your authenticator app; a recovery code works, too."))
        super().__init__(max_length=64, **options)
        self.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "num code"}


class SteppedUpForm(MemberForm):
    """A form whose use case demands the second factor: hand it `self.otp(form)`."""

    def make_form(self) -> forms.Form:
        form = super().make_form()
        ask_for_otp(form, self.member)
        return form

    def otp(self, form: forms.Form) -> str:
        return admitted_otp(form, self.member)


def ask_for_otp(form: forms.Form, user: User) -> None:
    """Give the form the field of the second factor, as its last one, if its user has one."""
    if user.two_factor:
        form.fields[OTP] = OtpField(by_passkey=passkeys_of(user.pk).exists())


def admitted_otp(form: forms.Form, user: User) -> str:
    """The code that was typed; each is counted before the use case tries it, as by the API. Raises: OtpLocked."""
    otp = str(form.cleaned_data.get(OTP, ""))
    if user.two_factor and otp:
        login_guard.admit_otp(user.pk, otp)
    return otp


def tell_at(form: forms.Form, error: DomainError, at: dict[str, str]) -> None:
    """Show a refusal at the field that it is about, above the form if it is about none."""
    field = (at | _OF_OTP).get(error.code)
    if isinstance(error, OtpLocked):
        text = _("Too many wrong codes. Try again in %(time)s.") % {"time": numbers.span(error.retry_after_s)}
        form.add_error(field if field in form.fields else None, text)
    elif field in form.fields:
        form.add_error(field, told(error))
    else:
        add_refusal(form, error)
