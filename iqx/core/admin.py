"""Staff's pages on the platform's own records: to look at, never to change."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import BaseFormSet, CharField, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from iqx.core import audit
from iqx.core.admin_lists import LargeListAdmin
from iqx.core.files import link
from iqx.core.models import (
    AuditBatch,
    AuditHead,
    AuditRecord,
    Event,
    IdempotencyRecord,
    Maintenance,
    Outage,
    Pulse,
    QuotaCounter,
    StoredFile,
    Stream,
)


class ReadOnlyAdmin(LargeListAdmin):
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ExplainedForm(ModelForm):
    """A form whose changes are decisions: it asks why."""

    reason = CharField(max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Why: it is written down.")


class AuditedAdmin(ModelAdmin):  # type: ignore[misc]
    """For what Django's own form may change: what it changed goes into the audit trail, in the form's transaction."""

    def construct_change_message(
        self, request: HttpRequest, form: ModelForm, formsets: list[BaseFormSet], add: bool = False
    ) -> list[dict[str, Any]]:
        changed = [name for name in form.changed_data if name != "reason"]
        request.audited = {  # type: ignore[attr-defined]
            "before": {} if add else {name: form.initial.get(name) for name in changed},
            "after": {name: form.cleaned_data.get(name) for name in changed},
            "reason": form.cleaned_data.get("reason", ""),
        }
        return list(super().construct_change_message(request, form, formsets, add))

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> object:
        self._write_down("row_added", request, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> object:
        self._write_down("row_changed", request, obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Model]) -> object:
        for obj in queryset:
            self._write_down("row_deleted", request, obj)
        return super().log_deletions(request, queryset)

    def _write_down(self, action: str, request: HttpRequest, obj: Model) -> None:
        values = getattr(request, "audited", {})
        with transaction.atomic():
            audit.record(action, actor=cast("audit.Actor", request.user), subject=obj, **values)


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "action", "subject_kind", "subject_id", "actor_id", "actor_role", "reason", "ip")
    list_filter = ("actor_role",)
    search_fields = ("=subject_id", "=actor_id", "=user_id", "=action", "=request_id")
    ordering = ("-id",)


@admin.register(AuditBatch)
class AuditBatchAdmin(ReadOnlyAdmin):
    list_display = ("number", "records", "hash", "at")
    ordering = ("-number",)


@admin.register(AuditHead)
class AuditHeadAdmin(ReadOnlyAdmin):
    list_display = ("number", "hash")


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


@admin.register(Maintenance)
class MaintenanceAdmin(ReadOnlyAdmin):
    list_display = ("reason", "started_at", "until", "ended_at", "by")
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
