"""Staff's pages on trades. A dispute is settled on its own page; nothing here moves money."""

from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import User
from iqx.core.admin import ReadOnlyAdmin
from trades import chat
from trades.models import Feedback, Message, ReadMark, ReceiptFlag, RollUp, RoomEntry, Step, Trade, Transaction
from wallets.admin import DecidingAdmin


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


@admin.register(RoomEntry)
class RoomEntryAdmin(ReadOnlyAdmin):
    """The whole room of a trade: search for its reference, or its id. The view is put together for one trade."""

    list_display = ("at", "trade", "actor", "action", "status", "said")
    list_filter = ("kind", "actor")
    list_select_related = ("trade", "message")
    search_fields = ("=trade__reference", "=trade__id")
    ordering = ("-key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoomEntry]:
        rows: QuerySet[RoomEntry] = super().get_queryset(request)
        asked = request.GET.get("q", "").strip()
        return rows.filter(trade__in=_trades_called(asked)) if asked else rows.none()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset, False

    @admin.display(description="text")
    def said(self, entry: RoomEntry) -> str:
        return entry.message.body if entry.message else entry.note


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("at", "trade", "role", "author", "body", "flags", "attachment")
    list_filter = ("role", "status")
    list_select_related = ("trade", "author", "attachment")
    search_fields = ("=trade__reference", "=trade__id", "author__email", "body")
    ordering = ("-id",)


@admin.register(ReadMark)
class ReadMarkAdmin(ReadOnlyAdmin):
    list_display = ("trade", "reader", "message", "at")
    list_select_related = ("trade", "reader", "message")
    search_fields = ("=trade__reference", "reader__email")
    ordering = ("-id",)


@admin.register(ReceiptFlag)
class ReceiptFlagAdmin(DecidingAdmin, ReadOnlyAdmin):
    moves_money = False
    list_display = ("created_at", "author", "trade", "seen_in_trade", "identical", "reviewed_by", "reviewed_at")
    list_filter = ("identical", ("reviewed_at", admin.EmptyFieldListFilter))
    list_select_related = ("message__trade", "message__author", "seen_in__trade", "reviewed_by")
    search_fields = ("=message__trade__reference", "=seen_in__trade__reference", "message__author__email")
    ordering = ("-id",)
    actions = ("mark_reviewed",)

    @admin.display(description="author")
    def author(self, flag: ReceiptFlag) -> str:
        return flag.message.author.email

    @admin.display(description="trade")
    def trade(self, flag: ReceiptFlag) -> str:
        return str(flag.message.trade)

    @admin.display(description="seen in")
    def seen_in_trade(self, flag: ReceiptFlag) -> str:
        return str(flag.seen_in.trade)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).may_act

    @admin.action(description="Mark as reviewed", permissions=["decide"])
    def mark_reviewed(self, request: HttpRequest, rows: QuerySet[ReceiptFlag]) -> None:
        self.decide(request, rows, chat.review_receipt)


def _trades_called(asked: str) -> list[Any]:
    """The trade of that reference, or of that id."""
    rows = Trade.objects.filter(reference=asked.upper()).values_list("pk", flat=True)
    try:
        return [*rows, UUID(asked)]
    except ValueError:
        return list(rows)
