"""Staff's pages on notices: who was told what, to look at."""

from django.contrib import admin

from iqx.core.admin import ReadOnlyAdmin
from iqx.notices.models import Notice, Position, Preferences


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("kind", "user", "seq", "in_app", "created_at", "read_at")
    list_filter = ("kind", "in_app")
    list_select_related = ("user",)
    search_fields = ("=id", "user__email", "=user__id")
    ordering = ("-created_at",)


@admin.register(Preferences)
class PreferencesAdmin(ReadOnlyAdmin):
    list_display = ("user", "language", "time_zone", "quiet_from", "quiet_until")
    list_filter = ("language",)
    list_select_related = ("user",)
    search_fields = ("user__email", "=user__id")
    ordering = ("user_id",)


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    list_display = ("stream_id", "seq")
    search_fields = ("=stream__name",)
    ordering = ("stream_id",)
