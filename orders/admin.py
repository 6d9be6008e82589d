"""Staff's pages on markets and orders. Orders are looked at; staff may cancel them, through the use case."""

from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.models import User
from iqx.core.admin import ReadOnlyAdmin
from iqx.core.errors import DomainError
from orders import services
from orders.floating import set_reference
from orders.models import Book, CancelAfter, Market, OpeningHours, Order, Reference, Turnover

_A_DAY: Final = timedelta(days=1)


@admin.register(Market)
class MarketAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("symbol", "status", "tick_size", "lot_size", "min_amount", "max_amount", "maker_fee", "taker_fee")
    list_filter = ("status",)
    actions = ("halt", "resume")

    def save_model(self, request: HttpRequest, obj: Market, form: Any, change: bool) -> None:  # noqa: ANN401
        """Django saves a form inside a transaction of its own, and a use case is one by itself: it comes after."""
        transaction.on_commit(lambda: services.change_market(market=obj, actor=cast("User", request.user)))

    def get_readonly_fields(self, request: HttpRequest, obj: Market | None = None) -> tuple[str, ...]:
        return ("symbol", "quote") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Market | None = None) -> bool:
        return False

    @admin.action(description="Halt: no new orders, no matching", permissions=["change"])
    def halt(self, request: HttpRequest, markets: QuerySet[Market]) -> None:
        self._set_status(request, markets, Market.Status.HALTED)

    @admin.action(description="Resume trading", permissions=["change"])
    def resume(self, request: HttpRequest, markets: QuerySet[Market]) -> None:
        self._set_status(request, markets, Market.Status.TRADING)

    def _set_status(self, request: HttpRequest, markets: QuerySet[Market], status: Market.Status) -> None:
        for market in markets:
            market.status = status
            services.change_market(market=market, actor=cast("User", request.user))
            self.log_change(request, market, f"status: {status}")
            self.message_user(request, f"{market} is {status}.")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "market", "side", "price", "amount", "filled", "status", "created_at")
    list_filter = ("status", "market", "side", "time_in_force")
    list_select_related = ("owner", "market")
    search_fields = ("=id", "owner__email", "=client_order_id")
    ordering = ("-id",)
    actions = ("cancel",)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).is_superuser

    @admin.action(description="Cancel", permissions=["cancel"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        for order in orders.order_by("pk"):
            try:
                services.cancel_any_order(order_id=order.pk, actor=cast("User", request.user))
            except DomainError as error:
                self.message_user(request, f"{order}: {error.detail}", messages.ERROR)
            else:
                self.log_change(request, order, "cancelled")
                self.message_user(request, f"{order}: cancelled.")


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
    """An admin sets a reference here, for a day; PUT /api/admin/markets/{symbol}/reference has other times, too."""

    list_display = ("market", "price", "source", "at", "valid_until", "is_fresh")
    list_select_related = ("market",)
    ordering = ("market",)
    fields = ("market", "price")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).is_admin

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return cast("User", request.user).is_admin

    def get_readonly_fields(self, request: HttpRequest, obj: Reference | None = None) -> tuple[str, ...]:
        return ("market",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Reference, form: Any, change: bool) -> None:  # noqa: ANN401
        """Django saves a form inside a transaction of its own, and a use case is one by itself: it comes after."""
        actor = cast("User", request.user)
        setting = partial(set_reference, symbol=obj.market_id, price=obj.price, actor=actor, valid_for=_A_DAY)
        transaction.on_commit(setting)


@admin.register(OpeningHours)
class OpeningHoursAdmin(ReadOnlyAdmin):
    list_display = ("user", "time_zone", "is_open", "changes_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("user",)
