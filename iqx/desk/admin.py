"""The desk's own records, to look at."""

from django.contrib import admin

from iqx.core.admin import ReadOnlyAdmin
from iqx.desk.models import Announcement, MarketHour, PlatformHour


@admin.register(MarketHour)
class MarketHourAdmin(ReadOnlyAdmin):
    list_display = ("hour", "market", "trades", "volume", "released", "failed", "disputed", "fees", "bid", "ask")
    list_filter = ("market",)
    ordering = ("-hour", "market")


@admin.register(PlatformHour)
class PlatformHourAdmin(ReadOnlyAdmin):
    list_display = ("hour", "registered", "deposits", "deposited", "withdrawals", "withdrawn")
    ordering = ("-hour",)


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    """To look at; staff tell and end them on a page of their own."""

    list_display = ("text", "severity", "starts_at", "ends_at", "made_by", "ended_by")
    list_filter = ("severity",)
    list_select_related = ("made_by", "ended_by")
    ordering = ("-created_at",)
