"""USDT going out: one looks at what will be done, then confirms exactly that.

What was looked at travels to the confirming form as one signed text. So nothing that happens in between, on the page or
on the way, can make the confirmed address, network, amount or fee another one.
"""

from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iqx.core import clock, numbers
from iqx.core.errors import DomainError
from iqx.core.money import ZERO, plain
from iqx.web.fields import AmountField
from iqx.web.members import MemberForm, admitted_otp, ask_for_otp, tell_at
from iqx.web.once import once
from iqx.web.pages import ActionPage, Context, go
from wallets import selectors, services
from wallets.gateways import SANDBOX
from wallets.holds import holds_on, withdrawable
from wallets.models import WithdrawalAddress

_GOOD_FOR_S: Final = 900
_SIGNER: Final = signing.TimestampSigner(salt="wallets.withdrawal")


@dataclass(frozen=True, slots=True)
class Plan:
    """A withdrawal as it was looked at, and as it is executed: whose, what, where to, and at which fee."""

    user: str
    amount: str
    fee: str
    address: str
    network: str
    once: str

    def sealed(self) -> str:
        return _SIGNER.sign_object(asdict(self))

    @property
    def total(self) -> Decimal:
        return Decimal(self.amount) + Decimal(self.fee)


def opened(sealed: str, user_id: UUID) -> Plan | None:
    """The plan, if it is a fresh one of this user, and the fee is still that."""
    try:
        plan = Plan(**_SIGNER.unsign_object(sealed, max_age=_GOOD_FOR_S))
    except signing.BadSignature:
        return None
    return plan if plan.user == str(user_id) and Decimal(plan.fee) == settings.WITHDRAWAL_FEE else None


class WithdrawForm(forms.Form):
    kept = forms.ChoiceField(required=False, label=gettext_lazy("From your address book"))
    address = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Address"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "num"}),
    )
    amount = AmountField(label=gettext_lazy("Amount that arrives"))

    def __init__(self, *args: Any, book: list[WithdrawalAddress], **options: Any) -> None:  # noqa: ANN401 as Django's
        super().__init__(*args, **options)
        self.book = {str(entry.pk): entry for entry in book}
        choices = [(key, f"{entry.name} · {short(entry.address)}") for key, entry in self.book.items()]
        self.fields["kept"].choices = [("", _("Another address")), *choices]  # type: ignore[attr-defined]
        if not book:
            del self.fields["kept"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        entry = self.book.get(given.get("kept") or "")
        typed = (given.get("address") or "").strip()
        if entry and typed and typed != entry.address:
            raise ValidationError(_("Choose an address, or type one: not both."))
        if not entry and not typed and "address" not in self.errors:
            self.add_error("address", _("Where to? Choose an address, or type one."))
        return given | {"address": entry.address if entry else typed, "network": entry.network if entry else SANDBOX}


class ConfirmForm(forms.Form):
    sealed = forms.CharField(widget=forms.HiddenInput, max_length=1000)


class WithdrawPage(MemberForm):
    """A GET shows the form; `do=look` what it would do; `do=confirm` does what was looked at."""

    template = "wallets/withdraw.html"
    at: ClassVar = {
        "insufficient_funds": "amount",
        "limit_exceeded": "amount",
        "withdrawal_held": "amount",
        "network_unavailable": "address",
    }

    def title(self) -> str:
        return _("Withdraw USDT")

    @cached_property
    def book(self) -> list[WithdrawalAddress]:
        return list(selectors.addresses_of(self.member.pk).order_by("name", "id"))

    def make_form(self) -> forms.Form:
        data = self.request.POST if self.request.POST.get("do") == "look" else None
        chosen = {name: self.request.GET[name] for name in ("kept", "amount") if name in self.request.GET}
        return WithdrawForm(data, book=self.book, initial=chosen)

    def context(self) -> Context:
        wallet = selectors.get_wallet(self.member.pk)
        free = withdrawable(wallet.available, holds_on(self.member, clock.now()))
        return super().context() | {
            "wallet": wallet,
            "free": free,
            "fee": settings.WITHDRAWAL_FEE,
            "most": max(free - settings.WITHDRAWAL_FEE, ZERO),
            "book": self.book,
        }

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return self.confirm() if request.POST.get("do") == "confirm" else super().post(request, **kwargs)

    def submit(self, form: WithdrawForm) -> HttpResponseBase:
        """Look."""
        given = form.cleaned_data
        wanted = {name: given[name] for name in ("amount", "address", "network")}
        found = services.preview_withdrawal(user=self.member, **wanted)
        plan = Plan(
            user=str(self.member.pk),
            amount=plain(found.amount),
            fee=plain(found.fee),
            address=found.address,
            network=found.network,
            once=str(uuid4()),
        )
        return self._show(plan, self._confirm_form(plan.sealed()))

    def confirm(self) -> HttpResponseBase:
        sealed = self.request.POST.get("sealed", "")
        plan = opened(sealed, self.member.pk)
        if plan is None:
            messages.error(self.request, _("This was open for too long, or has changed. Look at it once more."))
            return go("web:withdraw")
        form = self._confirm_form(sealed, self.request.POST)
        if not form.is_valid():
            return self._show(plan, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            self._execute(plan, admitted_otp(form, self.member))
        except DomainError as error:
            tell_at(form, error, {})
            return self._show(plan, form, error.status)
        return go("web:wallet")

    def _confirm_form(self, sealed: str, data: Any = None) -> forms.Form:  # noqa: ANN401 what was posted
        form = ConfirmForm(data, initial={"sealed": sealed})
        ask_for_otp(form, self.member)
        return form

    def _execute(self, plan: Plan, otp: str) -> None:
        done = once(
            user_id=self.member.pk,
            key=UUID(plan.once),
            endpoint="web:withdraw",
            said=f"{plan.amount} {plan.fee} {plan.network} {plan.address}",
            act=lambda: services.request_withdrawal(
                user=self.member,
                amount=Decimal(plan.amount),
                address=plan.address,
                network=plan.network,
                otp=otp,
            ),
        )
        if done:
            text = _("%(amount)s USDT are on their way to staff, who look at each withdrawal.")
            messages.success(self.request, text % {"amount": numbers.usdt(plan.amount)})

    def _show(self, plan: Plan, form: forms.Form, status: int = HTTPStatus.OK) -> HttpResponseBase:
        name = next((entry.name for entry in self.book if entry.address == plan.address), None)
        pieces = [plan.address[start : start + 4] for start in range(0, len(plan.address), 4)]
        wallet = selectors.get_wallet(self.member.pk)
        rest = wallet.available - plan.total
        return self.render(status, form=form, plan=plan, name=name, pieces=pieces, rest=rest, title=_("Is this right?"))


class CancelWithdrawal(ActionPage):
    def act(self) -> str:
        services.cancel_withdrawal(withdrawal_id=self.kwargs["withdrawal_id"], user=self.member)
        return _("The withdrawal is taken back; the USDT are available again.")

    def next_page(self) -> str:
        return resolve_url("web:wallet")


def short(address: str) -> str:
    """For lists alone: what is confirmed is shown in full."""
    return address if len(address) <= 14 else f"{address[:8]}…{address[-6:]}"
