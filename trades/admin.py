"""Staff's pages on trades. A dispute is settled on its own page; nothing here moves money."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from iqx.core.admin import ReadOnlyAdmin
from trades.models import Feedback, RollUp, Step, Trade, Transaction


class StepInline(TabularInline):  # type: ignore[misc]
    model = Step
    extra = 0
    fields = ("at", "action", "actor", "status", "note")
    ordering = ("id",)
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False


@admin.register(Trade)
class TradeAdmin(ReadOnlyAdmin):
    list_display = (
        "reference",
        "status",
        "deadline",
        "buyer",
        "seller",
        "amount",
        "price",
        "total",
        "quote",
        "created_at",
    )
    list_filter = ("status", "market", "payment_method")
    list_select_related = ("buyer", "seller")
    search_fields = ("=reference", "=id", "buyer__email", "seller__email")
    ordering = ("-id",)
    inlines = (StepInline,)


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    list_display = ("at", "trade", "action", "actor", "status")
    list_filter = ("action", "actor")
    list_select_related = ("trade",)
    search_fields = ("=trade__id", "=trade__reference")
    ordering = ("-id",)


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = ("id", "trade", "market", "buyer", "seller", "amount", "price", "total", "settled_at")
    list_filter = ("market",)
    list_select_related = ("trade", "market", "buyer", "seller")
    search_fields = ("=id", "=trade__id", "=trade__reference", "buyer__email", "seller__email")
    ordering = ("-id",)


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "trade", "author", "subject", "rating", "comment")
    list_filter = ("rating",)
    list_select_related = ("trade", "author", "subject")
    search_fields = ("=trade__id", "author__email", "subject__email", "comment")
    ordering = ("-id",)


@admin.register(RollUp)
class RollUpAdmin(ReadOnlyAdmin):
    list_display = ("name", "until")
    ordering = ("name",)
