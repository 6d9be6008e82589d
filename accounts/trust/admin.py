"""Staff's pages on trust."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import KycDocument, KycSubmission, Relation, Rule, RuleChange, TraderRecord
from iqx.core.admin import ReadOnlyAdmin


@admin.register(TraderRecord)
class TraderRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "user", "completed_trades", "failed_trades", "completion_rate", "trades_30d", "partners", "rating", "ratings",
    )  # fmt: skip
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name", "=user__id")
    ordering = ("-completed_trades",)


@admin.register(Relation)
class RelationAdmin(ReadOnlyAdmin):
    list_display = ("owner", "kind", "other", "created_at")
    list_filter = ("kind",)
    list_select_related = ("owner", "other")
    search_fields = ("owner__email", "other__email")
    ordering = ("-id",)


class RuleChangeInline(TabularInline):  # type: ignore[misc]
    model = RuleChange
    fields = ("at", "actor", "enabled", "parameters", "reason")
    readonly_fields = fields
    ordering = ("-id",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        return False


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """To look at, with the history; rules are tuned by PATCH /api/admin/rules/{code}, which checks the numbers."""

    list_display = ("code", "enabled", "parameters", "updated_at")
    list_filter = ("enabled",)
    search_fields = ("code",)
    ordering = ("code",)
    inlines = (RuleChangeInline,)


class KycDocumentInline(TabularInline):  # type: ignore[misc]
    model = KycDocument
    fields = ("kind", "file")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: KycSubmission | None = None) -> bool:
        return False


@admin.register(KycSubmission)
class KycSubmissionAdmin(ReadOnlyAdmin):
    """The queue; what is sealed is opened, and decided on, at /api/admin/kyc/{id} alone."""

    list_display = ("created_at", "user", "document_type", "country", "status", "due_at", "reviewed_by", "reason")
    list_filter = ("status", "document_type")
    list_select_related = ("user", "reviewed_by")
    search_fields = ("user__email", "=id")
    ordering = ("-id",)
    exclude = ("legal_name", "document_number")
    inlines = (KycDocumentInline,)
