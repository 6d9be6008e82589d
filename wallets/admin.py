"""Staff's pages on money: all of it to look at; what changes calls the use cases."""

from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin_door import is_proved
from accounts.models import User
from iqx.core.admin import ReadOnlyAdmin
from iqx.core.errors import DomainError
from wallets import services
from wallets.models import (
    Adjustment,
    Deposit,
    Entry,
    SystemRollup,
    Transfer,
    UnrolledEntry,
    Wallet,
    Withdrawal,
    WithdrawalAddress,
)


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("user", "available", "locked", "version")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name", "=user__id")
    ordering = ("user_id",)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "ref_kind", "ref_id", "memo", "created_at")
    list_filter = ("kind",)
    search_fields = ("=id", "=ref_id")
    ordering = ("-id",)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "transfer", "wallet", "system_account", "version",
        "available_delta", "locked_delta", "available_after", "locked_after",
    )  # fmt: skip
    list_filter = ("system_account",)
    list_select_related = ("transfer", "wallet")
    search_fields = ("=transfer__id", "=transfer__ref_id", "wallet__user__email", "=wallet__user__id")
    ordering = ("-id",)


@admin.register(SystemRollup)
class SystemRollupAdmin(ReadOnlyAdmin):
    list_display = ("account", "balance")


@admin.register(UnrolledEntry)
class UnrolledEntryAdmin(ReadOnlyAdmin):
    list_display = ("entry", "account", "amount")
    list_filter = ("account",)
    list_select_related = ("entry",)


class ReasonForm(ActionForm):  # type: ignore[misc]
    """The list's actions, and why."""

    reason = forms.CharField(
        label="",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Reason", "aria-label": "Reason"}),
    )


SAY_WHY: Final = "Say why: it is written down, and where somebody is refused something he reads it."


def reason_of(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:200]


class DecidingAdmin(ModelAdmin):  # type: ignore[misc]
    """Actions that decide on requests, for a reason that is written down: for admins alone, one use case a row."""

    moves_money = True
    action_form = ReasonForm

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).is_superuser

    def decide(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        use_case: Callable[..., Model],
        *,
        reason_as: str = "reason",
        must_explain: bool = True,
        **arguments: object,
    ) -> None:
        """Apply a use case, which takes the reason as `reason_as`, to each row; one refusal does not stop the rest."""
        if self.moves_money and not is_proved(request):
            where = f"{reverse('desk:prove')}?{urlencode({'next': request.get_full_path()})}"
            text = 'What moves money takes a fresh proof of who you are: <a href="{}">show it here</a>, and come back.'
            self.message_user(request, format_html(text, where), messages.ERROR)
            return
        reason = reason_of(request)
        if must_explain and not reason:
            self.message_user(request, SAY_WHY, messages.ERROR)
            return
        arguments[reason_as] = reason
        for row in rows.order_by("pk"):
            try:
                use_case(actor=request.user, **{f"{row._meta.model_name}_id": row.pk}, **arguments)
            except DomainError as error:
                self.message_user(request, f"{row}: {error.detail}", messages.ERROR)
            else:
                self.log_change(request, row, f"{use_case.__name__} {arguments or ''}".strip())
                self.message_user(request, f"{row}: done.")


@admin.register(Deposit)
class DepositAdmin(DecidingAdmin, ReadOnlyAdmin):
    list_display = ("id", "user", "amount", "network", "status", "created_at")
    list_filter = ("status", "network")
    list_select_related = ("user",)
    search_fields = ("=id", "user__email")
    ordering = ("-id",)
    actions = ("confirm", "reject")

    @admin.action(description="Confirm", permissions=["decide"])
    def confirm(self, request: HttpRequest, rows: QuerySet[Deposit]) -> None:
        self.decide(request, rows, services.confirm_deposit)

    @admin.action(description="Reject", permissions=["decide"])
    def reject(self, request: HttpRequest, rows: QuerySet[Deposit]) -> None:
        self.decide(request, rows, services.reject_deposit)


@admin.register(Withdrawal)
class WithdrawalAdmin(DecidingAdmin, ReadOnlyAdmin):
    list_display = ("id", "user", "amount", "fee", "address", "network", "status", "created_at")
    list_filter = ("status", "network")
    list_select_related = ("user",)
    search_fields = ("=id", "user__email", "address", "tx_hash")
    ordering = ("-id",)
    actions = ("approve", "reject")

    @admin.action(description="Approve and send", permissions=["decide"])
    def approve(self, request: HttpRequest, rows: QuerySet[Withdrawal]) -> None:
        self.decide(request, rows, services.approve_withdrawal)

    @admin.action(description="Reject", permissions=["decide"])
    def reject(self, request: HttpRequest, rows: QuerySet[Withdrawal]) -> None:
        self.decide(request, rows, services.reject_withdrawal)


@admin.register(WithdrawalAddress)
class WithdrawalAddressAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "network", "address", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "address", "name")
    ordering = ("-id",)


class OwnTransactionAdmin(admin.ModelAdmin):
    """Last of the bases: takes Django's transaction from around the form, as the use case has its own."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return cast("HttpResponse", self._changeform_view(request, object_id, form_url, extra_context))  # type: ignore[attr-defined]


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    """Corrections, to look at: asked for on the person's page, decided among what waits for a second person."""

    list_display = ("id", "user", "amount", "reason", "status", "requested_by", "decided_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("user", "requested_by", "decided_by")
    search_fields = ("=id", "user__email")
    ordering = ("-id",)
