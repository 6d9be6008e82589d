"""Staff's pages on notices: who was told what, and what was sent, which may be sent once more."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from iqx.core.admin import ReadOnlyAdmin
from iqx.core.errors import DomainError
from iqx.notices import webhooks
from iqx.notices.models import Delivery, Notice, Phone, Position, Preferences, PushSubscription, Webhook


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


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event", "route", "user", "state", "attempts", "due_at", "answer", "created_at", "sent_at")
    list_filter = ("state", "route", "event")
    list_select_related = ("user",)
    search_fields = ("=id", "=webhook__id", "user__email", "=user__id")
    ordering = ("-created_at",)
    actions = ("redeliver",)

    @admin.action(description="Redeliver")
    def redeliver(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        for delivery in rows:
            try:
                webhooks.redeliver(delivery_id=delivery.pk)
            except DomainError as error:
                self.message_user(request, f"{delivery}: {error.detail}", messages.ERROR)
            else:
                self.log_change(request, delivery, "redeliver")
                self.message_user(request, f"{delivery}: done.")


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("url", "user", "status", "failures", "reason", "created_at")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_fields = ("=id", "url", "user__email", "=user__id")
    ordering = ("-id",)
    exclude = ("secret",)


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("user", "type", "created_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("=id", "user__email", "=user__id")
    ordering = ("-id",)
    exclude = ("address",)


@admin.register(Phone)
class PhoneAdmin(ReadOnlyAdmin):
    list_display = ("user", "verified_at", "code_sent_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "=user__id")
    ordering = ("user_id",)
    exclude = ("number", "code_digest")
