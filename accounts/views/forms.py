"""What the pages of the way in ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.validators import clean_display_name, clean_email


class EmailField(forms.EmailField):
    def __init__(self, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        super().__init__(max_length=254, label=_("E-mail"), **options)
        self.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}

    def clean(self, value: Any) -> str:  # noqa: ANN401 as Django has it
        return clean_email(super().clean(value))


class PasswordField(forms.CharField):
    """Taken as it is, white space included; what a new one must be like, the use case knows."""

    def __init__(self, *, new: bool = False, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        options.setdefault("label", _("Password"))
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"})
        super().__init__(max_length=128, strip=False, widget=widget, **options)


class OtpField(forms.CharField):
    def __init__(self, *, by_passkey: bool = False, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        self.by_passkey = by_passkey
        options.setdefault("label", _("Code"))
        super().__init__(max_length=64, **options)
        self.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "num code"}


class LoginForm(forms.Form):
    email = EmailField()
    password = PasswordField()


class CodeForm(forms.Form):
    otp = OtpField(help_text=_("From your authenticator app; a recovery code works, too."))


class RegisterForm(forms.Form):
    email = EmailField()
    password = PasswordField(new=True, min_length=8, help_text=_("At least 8 characters. A sentence is best."))
    display_name = forms.CharField(
        max_length=40,
        required=False,
        label=_("Name that others see"),
        help_text=_("Not your real name. Leave it empty, and we make one up."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )

    def clean_display_name(self) -> str:
        name = self.cleaned_data["display_name"]
        return clean_display_name(name) if name else ""


class ForgottenForm(forms.Form):
    email = EmailField()


class MailedCodeForm(forms.Form):
    token = forms.CharField(
        max_length=200, label=_("Code from the e-mail"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class NewPasswordForm(MailedCodeForm):
    password = PasswordField(new=True, min_length=8, label=_("New password"))
    otp = OtpField(required=False, by_passkey=True, label=_("Code of your second factor, if you have one"))
