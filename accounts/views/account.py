"""The account's front page, one's profile, and the word by which one knows our e-mails."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.selectors import daily_limits
from accounts.validators import MAIL_WORD_MAX, clean_display_name, clean_mail_word
from iqx.core import clock
from iqx.web.members import MemberForm, MemberPage, SteppedUpForm
from iqx.web.pages import Context, go
from orders import turnover
from wallets import limits


class AccountPage(MemberPage):
    template = "accounts/account.html"

    def title(self) -> str:
        return _("Account")

    def context(self) -> Context:
        user = self.member
        used = limits.used(user) | {"trade": turnover.used(user, clock.now().date())}
        most = daily_limits(user)
        lines = [(name, used[what], most[what]) for what, name in self._kinds().items()]
        return {"limits": lines, "paused_until": self._paused_until()}

    def _kinds(self) -> dict[str, str]:
        return {"trade": _("Trade"), "deposit": _("Deposit"), "withdrawal": _("Withdraw")}

    def _paused_until(self) -> object:
        until = self.member.trading_paused_until
        return until if until and until > clock.now() else None


class ProfileForm(forms.Form):
    display_name = forms.CharField(
        max_length=40,
        label=gettext_lazy("Name that others see"),
        help_text=gettext_lazy("Not your real name. Trades and offers show it, also those that exist already."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])


class ProfilePage(MemberForm):
    template = "accounts/profile.html"
    form_class = ProfileForm

    def title(self) -> str:
        return _("Profile")

    def initial(self) -> Context:
        return {"display_name": self.member.display_name}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.update_profile(user_id=self.member.pk, display_name=form.cleaned_data["display_name"])
        messages.success(self.request, _("Others see this name from now on."))
        return go("web:profile")


class MailWordForm(forms.Form):
    word = forms.CharField(
        required=False,
        max_length=MAIL_WORD_MAX,
        label=gettext_lazy("Your word"),
        help_text=gettext_lazy("A word or a few, that nobody would guess; not your password."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_word(self) -> str:
        return clean_mail_word(self.cleaned_data["word"])


class MailWordPage(SteppedUpForm):
    template = "accounts/mail_word.html"
    form_class = MailWordForm

    def title(self) -> str:
        return _("Your word in our e-mails")

    def initial(self) -> Context:
        return {"word": self.member.mail_word}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        word = form.cleaned_data["word"]
        services.choose_mail_word(user_id=self.member.pk, word=word, otp=self.otp(form))
        told = _("Every e-mail from us has this word from now on.") if word else _("Our e-mails have no word any more.")
        messages.success(self.request, told)
        return go("web:security")
