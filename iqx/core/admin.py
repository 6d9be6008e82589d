"""Staff's pages on the platform's own records: to look at, never to change."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from iqx.core.files import link
from iqx.core.models import Event, IdempotencyRecord, Outage, Pulse, QuotaCounter, StoredFile, Stream


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Shows rows and changes none; the tables are large, so they are not counted twice."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    list_display = ("name", "head")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("stream_id", "seq", "type", "at")
    list_filter = ("type",)
    search_fields = ("=stream__name",)
    ordering = ("-id",)


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    list_display = ("key", "user_id", "endpoint", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("=key", "=user_id")
    ordering = ("-id",)


@admin.register(QuotaCounter)
class QuotaCounterAdmin(ReadOnlyAdmin):
    list_display = ("key", "used", "resets_at")
    search_fields = ("key",)
    ordering = ("-resets_at",)


@admin.register(Pulse)
class PulseAdmin(ReadOnlyAdmin):
    list_display = ("kind", "at")
    ordering = ("kind",)


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    list_display = ("kind", "started_at", "ended_at", "made_good_at")
    list_filter = ("kind",)
    ordering = ("-id",)


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "purpose", "owner_id", "content_type", "size", "created_at")
    list_filter = ("purpose", "content_type")
    search_fields = ("=id", "=owner_id", "=sha256", "name")
    ordering = ("-id",)
    fields = (
        "name",
        "shown",
        "purpose",
        "owner_id",
        "content_type",
        "size",
        "width",
        "height",
        "sha256",
        "dhash",
        "created_at",
    )
    readonly_fields = ("shown",)

    @admin.display(description="content")
    def shown(self, file: StoredFile) -> str:
        return format_html('<a href="{}" target="_blank" rel="noopener">open</a>', link(file))
