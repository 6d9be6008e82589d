"""Staff's pages on markets and orders. Orders are looked at; staff may cancel them, through the use case."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from iqx.core.admin import ExplainedForm, ReadOnlyAdmin
from orders import services
from orders.models import Book, CancelAfter, Market, OpeningHours, Order, Reference, Turnover
from wallets.admin import DecidingAdmin


@admin.register(Market)
class MarketAdmin(ReadOnlyAdmin):
    """Markets are opened here; their rules are changed, and they are paused, on their page of the desk."""

    form = ExplainedForm
    list_display = ("symbol", "status", "tick_size", "lot_size", "min_amount", "max_amount", "maker_fee", "taker_fee")
    list_filter = ("status",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).is_superuser

    def save_model(self, request: HttpRequest, obj: Market, form: Any, change: bool) -> None:  # noqa: ANN401
        """Django saves a form inside a transaction of its own, and a use case is one by itself: it comes after."""
        actor, reason = cast("User", request.user), form.cleaned_data["reason"]
        transaction.on_commit(lambda: services.change_market(market=obj, actor=actor, reason=reason))


@admin.register(Order)
class OrderAdmin(DecidingAdmin, ReadOnlyAdmin):
    moves_money = False
    list_display = ("id", "owner", "market", "side", "price", "amount", "filled", "status", "created_at")
    list_filter = ("status", "market", "side", "time_in_force")
    list_select_related = ("owner", "market")
    search_fields = ("=id", "owner__email", "=client_order_id")
    ordering = ("-id",)
    actions = ("cancel",)

    @admin.action(description="Cancel", permissions=["decide"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self.decide(request, orders, services.cancel_any_order)


@admin.register(Book)
class BookAdmin(ReadOnlyAdmin):
    list_display = ("market", "last_price", "last_fill_at")


@admin.register(CancelAfter)
class CancelAfterAdmin(ReadOnlyAdmin):
    list_display = ("user", "due_at")
    list_select_related = ("user",)


@admin.register(Turnover)
class TurnoverAdmin(ReadOnlyAdmin):
    list_display = ("user", "day", "amount")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-day",)


@admin.register(Reference)
class ReferenceAdmin(ReadOnlyAdmin):
    """To look at; an admin sets a reference on the market's page of the desk."""

    list_display = ("market", "price", "source", "at", "valid_until", "is_fresh")
    list_select_related = ("market",)
    ordering = ("market",)


@admin.register(OpeningHours)
class OpeningHoursAdmin(ReadOnlyAdmin):
    list_display = ("user", "time_zone", "is_open", "changes_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("user",)
