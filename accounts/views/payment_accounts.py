"""Where one is paid to: a form for each method, made of the fields that the method describes."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.models import PaymentAccount, PaymentMethod
from accounts.payments.fields import LONGEST
from accounts.payments.sealing import details_of, name_matches
from accounts.selectors import get_payment_account, payment_accounts_of
from iqx.core.errors import NotFound
from iqx.web.members import MemberPage, SteppedUpForm, ask_for_otp
from iqx.web.pages import Context, go

DETAILS: Final = "details."
_NUMERIC: Final = ("account_gb", "account_us", "account_vn", "nuban", "routing_number", "sort_code", "neteller_id")


class AccountsPage(MemberPage):
    template = "accounts/payment_accounts.html"

    def title(self) -> str:
        return _("Payment accounts")

    def context(self) -> Context:
        accounts = payment_accounts_of(self.member.pk).select_related("method", "user")
        return {
            "accounts": [_shown(account) for account in accounts.order_by("method__name", "-is_default", "account")]
        }


def _shown(account: PaymentAccount) -> dict[str, Any]:
    details = details_of(account)
    labels = {field["name"]: _(field["label"]) for field in account.method.fields}
    return {
        "account": account,
        "details": [(labels.get(name, name), value) for name, value in details.items()],
        "matches": name_matches(details, account.user),
    }


class MethodsPage(MemberPage):
    template = "accounts/payment_methods.html"

    def title(self) -> str:
        return _("Which payment method?")

    def context(self) -> Context:
        return {"methods": PaymentMethod.objects.order_by("name")}


class DetailsForm(forms.Form):
    """`described` is what the method says of its fields; each is checked by the use case, which knows its kind."""

    label = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("Your own word for it"),
        help_text=gettext_lazy("Only you see it."),
    )
    is_default = forms.BooleanField(required=False, label=gettext_lazy("Be paid here, unless I choose another one"))

    def __init__(self, *args: Any, described: list[Mapping[str, Any]], **options: Any) -> None:  # noqa: ANN401 Django's
        super().__init__(*args, **options)
        for field in described:
            self.fields[DETAILS + field["name"]] = _field(field)
        self.order_fields([*(DETAILS + field["name"] for field in described), "label", "is_default"])

    def details(self) -> dict[str, str]:
        given = self.cleaned_data.items()
        return {name.removeprefix(DETAILS): value for name, value in given if name.startswith(DETAILS)}


def _field(described: Mapping[str, Any]) -> forms.Field:
    kind = described["kind"]
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if kind in _NUMERIC:
        attrs["inputmode"] = "numeric"
    elif kind == "email":
        attrs["inputmode"] = "email"
    elif kind.startswith("phone") and "email" not in kind:
        attrs["inputmode"] = "tel"
    return forms.CharField(
        required=described["required"],
        max_length=LONGEST,
        label=_(described["label"]),
        widget=forms.TextInput(attrs=attrs),
    )


class NewAccountPage(SteppedUpForm):
    template = "accounts/payment_account.html"

    @cached_property
    def method(self) -> PaymentMethod:
        method = PaymentMethod.objects.filter(pk=self.kwargs["method"]).first()
        if method is None:
            raise NotFound
        return method

    def title(self) -> str:
        return _("Add an account: %(method)s") % {"method": self.method.name}

    def context(self) -> Context:
        return super().context() | {"method": self.method}

    def make_form(self) -> forms.Form:
        data = self.request.POST if self.request.method == "POST" else None
        form = DetailsForm(data, described=self.method.fields)
        ask_for_otp(form, self.member)
        return form

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.add_payment_account(
            user_id=self.member.pk,
            method=self.method.pk,
            details=form.details(),
            label=form.cleaned_data["label"],
            is_default=form.cleaned_data["is_default"],
            otp=self.otp(form),
        )
        messages.success(self.request, _("The account is kept. Only the buyers of your live trades see it."))
        return go("web:payment-accounts")


class ChangeAccountPage(SteppedUpForm):
    template = "accounts/payment_account.html"

    @cached_property
    def account(self) -> PaymentAccount:
        return get_payment_account(account_id=self.kwargs["account_id"], user_id=self.member.pk)

    def title(self) -> str:
        return _("Change the account: %(method)s") % {"method": self.account.method.name}

    def context(self) -> Context:
        return super().context() | {"method": self.account.method, "account": self.account}

    def make_form(self) -> forms.Form:
        account = self.account
        if self.request.method == "POST":
            form = DetailsForm(self.request.POST, described=account.method.fields)
        else:
            details = {DETAILS + name: value for name, value in details_of(account).items()}
            form = DetailsForm(initial=details | {"label": account.label}, described=account.method.fields)
        if account.is_default:
            del form.fields["is_default"]
        ask_for_otp(form, self.member)
        return form

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.change_payment_account(
            user_id=self.member.pk,
            account_id=self.account.account,
            label=form.cleaned_data["label"],
            details=form.details(),
            is_default=form.cleaned_data.get("is_default") or None,
            otp=self.otp(form),
        )
        messages.success(self.request, _("Changed. Trades under way go on with what they began with."))
        return go("web:payment-accounts")


class DeleteAccountPage(SteppedUpForm):
    danger = True
    button = gettext_lazy("Forget it")
    back = ("web:payment-accounts", gettext_lazy("Payment accounts"))
    at: ClassVar = {}

    def title(self) -> str:
        return _("Forget this account?")

    def intro(self) -> str:
        account = get_payment_account(account_id=self.kwargs["account_id"], user_id=self.member.pk)
        name = account.label or account.method.name
        return _("%(name)s is forgotten. Trades under way keep it until they end.") % {"name": name}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        services.delete_payment_account(
            user_id=self.member.pk, account_id=self.kwargs["account_id"], otp=self.otp(form)
        )
        messages.success(self.request, _("The account is forgotten."))
        return go("web:payment-accounts")
