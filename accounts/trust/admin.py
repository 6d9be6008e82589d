"""Staff's pages on trust."""

from django.contrib import admin

from accounts.models import Relation, TraderRecord
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
