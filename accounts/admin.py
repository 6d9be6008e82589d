"""Staff's pages on people. Everything that changes anything calls the use case that the API would call."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import admin_door, approvals, services
from accounts.api.requests import client_of
from accounts.models import (
    ApiKey,
    Approval,
    EmailToken,
    Flag,
    KycStatus,
    LoginCounter,
    Passkey,
    PasskeyChallenge,
    PaymentAccount,
    PaymentMethod,
    RecoveryCode,
    RefreshToken,
    SecurityAlert,
    Session,
    StepUpCode,
    Totp,
    User,
)
from accounts.trust import admin as trust_admin  # noqa: F401
from accounts.trust import flags
from accounts.trust.services import lift_pause
from iqx.core.admin import AuditedAdmin, ExplainedForm, ReadOnlyAdmin
from iqx.core.errors import DomainError
from orders.services import refresh_payment_rules
from wallets.admin import SAY_WHY, DecidingAdmin, ReasonForm, reason_of

admin.site.unregister(Group)  # roles alone decide


class GuardedLoginForm(AuthenticationForm):  # type: ignore[misc]
    """The admin's own door has the same lock-out as the API's, and asks for the second factor, too."""

    otp = forms.CharField(
        label="Code of your second factor, if you have one",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            try:
                self.user_cache = services.check_both_factors(
                    email=email,
                    password=password,
                    otp=self.cleaned_data.get("otp", ""),
                    client=client_of(cast("HttpRequest", self.request)),
                )
            except DomainError as error:
                raise forms.ValidationError(error.detail, code=error.code) from error
            self.confirm_login_allowed(self.user_cache)
            admin_door.prove(cast("HttpRequest", self.request))
        return cast("dict[str, Any]", self.cleaned_data)


admin.site.login_form = GuardedLoginForm


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "display_name", "role", "kyc_status", "kyc_level", "two_factor", "is_active", "created_at")
    list_filter = ("role", "kyc_status", "kyc_level", "two_factor", "is_active")
    search_fields = ("email", "display_name", "id")
    ordering = ("-id",)
    exclude = ("password",)
    action_form = ReasonForm
    actions = ("suspend", "reinstate", "verify_kyc", "reject_kyc", "log_out", "reset_two_factor", "lift_pause")

    @admin.action(description="Suspend")
    def suspend(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, services.suspend_user)

    @admin.action(description="Reinstate")
    def reinstate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, services.reinstate_user)

    @admin.action(description="KYC: verify, level 1")
    def verify_kyc(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, services.review_kyc, status=KycStatus.VERIFIED, level=1)

    @admin.action(description="KYC: reject")
    def reject_kyc(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, services.review_kyc, status=KycStatus.REJECTED, level=0)

    @admin.action(description="Log out everywhere")
    def log_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, services.log_out_user)

    @admin.action(description="Ask that a lost second factor be taken away")
    def reset_two_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, services.ask_for_two_factor_reset)

    @admin.action(description="Let trade again")
    def lift_pause(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._each(request, users, lift_pause)

    def _each(
        self, request: HttpRequest, users: QuerySet[User], use_case: Callable[..., Any], **arguments: object
    ) -> None:
        """Apply a use case to each user in turn; one refusal does not stop the rest."""
        actor, reason = cast("User", request.user), reason_of(request)
        if not reason:
            self.message_user(request, SAY_WHY, messages.ERROR)
            return
        arguments["reason"] = reason
        for user in users:
            try:
                use_case(user_id=user.pk, actor_id=actor.pk, **arguments)
            except DomainError as error:
                self.message_user(request, f"{user}: {error.detail}", messages.ERROR)
            else:
                self.log_change(request, user, f"{use_case.__name__} {arguments or ''}".strip())
                self.message_user(request, f"{user}: done.")


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "ip", "created_at", "last_used_at", "ended_at", "end_reason")
    list_filter = ("end_reason",)
    list_select_related = ("user",)
    search_fields = ("user__email", "ip", "id")
    ordering = ("-id",)


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "created_at", "expires_at", "used_at")
    list_select_related = ("session",)
    search_fields = ("session__id", "session__user__email")
    ordering = ("-id",)
    exclude = ("digest",)


@admin.register(Totp)
class TotpAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "confirmed_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-created_at",)
    exclude = ("secret",)


@admin.register(Passkey)
class PasskeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "sign_count", "backed_up", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "name", "id")
    ordering = ("-id",)
    exclude = ("credential_id", "public_key")


@admin.register(PasskeyChallenge)
class PasskeyChallengeAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "purpose", "proved", "created_at", "expires_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__email", "id")
    ordering = ("-id",)
    exclude = ("challenge",)


@admin.register(StepUpCode)
class StepUpCodeAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-id",)
    exclude = ("digest",)


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "created_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-id",)
    exclude = ("digest",)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("prefix", "user", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("created_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "prefix", "name", "id")
    ordering = ("-id",)
    exclude = ("digest",)


@admin.register(SecurityAlert)
class SecurityAlertAdmin(ReadOnlyAdmin):
    list_display = ("kind", "user", "ip", "created_at", "used_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__email", "ip", "id")
    ordering = ("-id",)
    exclude = ("digest",)


@admin.register(EmailToken)
class EmailTokenAdmin(ReadOnlyAdmin):
    list_display = ("email", "purpose", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    search_fields = ("email",)
    ordering = ("-id",)
    exclude = ("password", "digest")


@admin.register(LoginCounter)
class LoginCounterAdmin(ReadOnlyAdmin):
    list_display = ("key", "scope", "failures", "blocked_until", "last_at")
    list_filter = ("scope",)
    ordering = ("-last_at",)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(AuditedAdmin):
    form = ExplainedForm
    list_display = ("code", "name", "currencies", "instant", "window", "risk")
    list_filter = ("instant", "risk")
    search_fields = ("code", "name")

    def save_model(self, request: HttpRequest, obj: PaymentMethod, form: Any, change: bool) -> None:  # noqa: ANN401
        """Save, and have the markets know: they keep a copy of what placing and matching need."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(refresh_payment_rules)

    def has_delete_permission(self, request: HttpRequest, obj: PaymentMethod | None = None) -> bool:
        return False


@admin.register(PaymentAccount)
class PaymentAccountAdmin(ReadOnlyAdmin):
    """Which accounts there are, and when they changed; not what they hold."""

    list_display = ("account", "version", "user", "method", "is_default", "valid_from", "valid_until")
    list_filter = ("method", "is_default")
    list_select_related = ("user", "method")
    search_fields = ("=account", "user__email")
    ordering = ("-id",)
    exclude = ("sealed",)


@admin.register(Flag)
class FlagAdmin(DecidingAdmin, ReadOnlyAdmin):
    """The queue of what rules found."""

    moves_money = False

    list_display = ("created_at", "severity", "code", "user", "because", "status", "due_at", "decided_by")
    list_filter = ("status", "severity", "code")
    list_select_related = ("user", "decided_by")
    search_fields = ("user__email", "=id", "=subject_id")
    ordering = ("-id",)
    actions = ("clear", "confirm")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).may_act

    @admin.action(description="Clear: nothing is wrong", permissions=["decide"])
    def clear(self, request: HttpRequest, rows: QuerySet[Flag]) -> None:
        self.decide(request, rows, flags.clear_flag, reason_as="note")

    @admin.action(description="Confirm: it is what it looks like", permissions=["decide"])
    def confirm(self, request: HttpRequest, rows: QuerySet[Flag]) -> None:
        self.decide(request, rows, flags.confirm_flag, reason_as="note")


@admin.register(Approval)
class ApprovalAdmin(DecidingAdmin, ReadOnlyAdmin):
    """What waits for a second person."""

    list_display = ("created_at", "kind", "user", "payload", "reason", "requested_by", "status", "due_at", "decided_by")
    list_filter = ("status", "kind")
    list_select_related = ("user", "requested_by", "decided_by")
    search_fields = ("=id", "=subject_id", "user__email")
    ordering = ("-id",)
    actions = ("approve", "refuse")

    @admin.action(description="Approve: it happens at once", permissions=["decide"])
    def approve(self, request: HttpRequest, rows: QuerySet[Approval]) -> None:
        self.decide(request, rows, approvals.approve, reason_as="note")

    @admin.action(description="Refuse", permissions=["decide"])
    def refuse(self, request: HttpRequest, rows: QuerySet[Approval]) -> None:
        self.decide(request, rows, approvals.refuse, reason_as="note")
