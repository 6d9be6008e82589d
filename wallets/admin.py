"""Staff's pages on money: all of it to look at; what changes calls the use cases."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
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
    """The list's actions, and why: for those that refuse somebody something."""

    reason = forms.CharField(
        label="",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Reason", "aria-label": "Reason"}),
    )


class DecidingAdmin(ModelAdmin):  # type: ignore[misc]
    """Actions that decide on requests: for admins alone, one use case for each row."""

    moves_money = True

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).is_superuser

    def decide(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        use_case: Callable[..., Model],
        **arguments: object,
    ) -> None:
        """Apply a use case to each row in turn; one refusal does not stop the rest."""
        if self.moves_money and not is_proved(request):
            text = "What moves money takes a fresh proof of who you are: log out and in again."
            self.message_user(request, text, messages.ERROR)
            return
        for row in rows.order_by("pk"):
            try:
                use_case(actor=request.user, **{f"{row._meta.model_name}_id": row.pk}, **arguments)
            except DomainError as error:
                self.message_user(request, f"{row}: {error.detail}", messages.ERROR)
            else:
                self.log_change(request, row, f"{use_case.__name__} {arguments or ''}".strip())
                self.message_user(request, f"{row}: done.")

    def reject_for_reason(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        use_case: Callable[..., Model],
    ) -> None:
        reason = request.POST.get("reason", "").strip()[:200]
        if reason:
            self.decide(request, rows, use_case, reason=reason)
        else:
            self.message_user(request, "Say why: the reason is shown to the user.", messages.ERROR)


@admin.register(Deposit)
class DepositAdmin(DecidingAdmin, ReadOnlyAdmin):
    list_display = ("id", "user", "amount", "network", "status", "created_at")
    list_filter = ("status", "network")
    list_select_related = ("user",)
    search_fields = ("=id", "user__email")
    ordering = ("-id",)
    action_form = ReasonForm
    actions = ("confirm", "reject")

    @admin.action(description="Confirm", permissions=["decide"])
    def confirm(self, request: HttpRequest, rows: QuerySet[Deposit]) -> None:
        self.decide(request, rows, services.confirm_deposit)

    @admin.action(description="Reject (needs a reason)", permissions=["decide"])
    def reject(self, request: HttpRequest, rows: QuerySet[Deposit]) -> None:
        self.reject_for_reason(request, rows, services.reject_deposit)


@admin.register(Withdrawal)
class WithdrawalAdmin(DecidingAdmin, ReadOnlyAdmin):
    list_display = ("id", "user", "amount", "fee", "address", "network", "status", "created_at")
    list_filter = ("status", "network")
    list_select_related = ("user",)
    search_fields = ("=id", "user__email", "address", "tx_hash")
    ordering = ("-id",)
    action_form = ReasonForm
    actions = ("approve", "reject")

    @admin.action(description="Approve and send", permissions=["decide"])
    def approve(self, request: HttpRequest, rows: QuerySet[Withdrawal]) -> None:
        self.decide(request, rows, services.approve_withdrawal)

    @admin.action(description="Reject (needs a reason)", permissions=["decide"])
    def reject(self, request: HttpRequest, rows: QuerySet[Withdrawal]) -> None:
        self.reject_for_reason(request, rows, services.reject_withdrawal)


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
class AdjustmentAdmin(DecidingAdmin, OwnTransactionAdmin):
    """A correction: asked for here by one admin, approved here by another."""

    list_display = ("id", "user", "amount", "reason", "status", "requested_by", "decided_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("user", "requested_by", "decided_by")
    search_fields = ("=id", "user__email", "reason")
    ordering = ("-id",)
    fields = ("user", "amount", "reason")
    autocomplete_fields = ("user",)
    actions = ("approve", "reject")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Adjustment, form: forms.ModelForm, change: bool) -> None:
        made = services.request_adjustment(
            user=obj.user, amount=obj.amount, reason=obj.reason, actor=cast("User", request.user)
        )
        obj.pk = made.pk

    @admin.action(description="Approve", permissions=["decide"])
    def approve(self, request: HttpRequest, rows: QuerySet[Adjustment]) -> None:
        self.decide(request, rows, services.approve_adjustment)

    @admin.action(description="Reject", permissions=["decide"])
    def reject(self, request: HttpRequest, rows: QuerySet[Adjustment]) -> None:
        self.decide(request, rows, services.reject_adjustment)
