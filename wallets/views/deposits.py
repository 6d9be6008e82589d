"""USDT coming in."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iqx.core import numbers
from iqx.core.money import plain
from iqx.web.fields import AmountField
from iqx.web.members import MemberForm
from iqx.web.once import OnceField, once
from iqx.web.pages import Context, go
from wallets import services
from wallets.limits import used


class DepositForm(forms.Form):
    amount = AmountField(label=gettext_lazy("Amount"))
    once = OnceField()


class DepositPage(MemberForm):
    template = "wallets/deposit.html"
    form_class = DepositForm
    at = {"limit_exceeded": "amount"}

    def title(self) -> str:
        return _("Deposit USDT")

    def context(self) -> Context:
        limit = settings.DAILY_LIMITS[self.member.kyc_level]["deposit"]
        return super().context() | {"limit": limit, "left": max(limit - used(self.member)["deposit"], 0)}

    def submit(self, form: DepositForm) -> HttpResponseBase:
        amount = form.cleaned_data["amount"]
        done = once(
            user_id=self.member.pk,
            key=form.cleaned_data["once"],
            endpoint="web:deposit",
            said=plain(amount),
            act=lambda: services.request_deposit(user=self.member, amount=amount),
        )
        if done and settings.PRODUCTION:
            messages.success(self.request, _("Noted. Staff confirm the deposit when they see it arrive."))
        elif done:
            messages.success(self.request, _("%(amount)s USDT came in.") % {"amount": numbers.usdt(amount)})
        return go("web:wallet")
