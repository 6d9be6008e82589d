"""Staff's pages on disputes: to look at; what changes calls the use cases that the API would call."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from unfold.admin import TabularInline

from accounts.admin_filters import AssigneeFilter
from accounts.models import User
from disputes import services
from disputes.models import Dispute, DisputeEntry, DisputeFile, DisputeHelper, Ruling
from iqx.core.admin import ReadOnlyAdmin
from trades.models import Trade
from wallets.admin import DecidingAdmin


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Dispute | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Dispute | None = None) -> bool:
        return False


class TimelineInline(ReadOnlyInline):
    model = DisputeEntry
    fields = ("at", "actor", "author", "action", "internal", "note")
    readonly_fields = fields


class RulingInline(ReadOnlyInline):
    model = Ruling
    fields = (
        "status", "resolution", "buyer_amount", "finding", "compensation", "reason", "proposed_by", "confirmed_by",
    )  # fmt: skip
    readonly_fields = fields


class HelperInline(ReadOnlyInline):
    model = DisputeHelper
    fields = ("user", "added_by", "at")
    readonly_fields = fields


@admin.register(Dispute)
class DisputeAdmin(DecidingAdmin, ReadOnlyAdmin):
    list_display = (
        "reference", "status", "age", "deadline", "amount", "buyer", "seller", "opened_by", "reason", "assignee",
        "staff_due_at",
    )  # fmt: skip
    list_filter = (
        "status",
        "after_end",
        "reason",
        "opened_by",
        "resolution",
        AssigneeFilter,
    )
    list_select_related = ("trade__buyer", "trade__seller", "assignee")
    search_fields = ("=id", "=trade__id", "=trade__reference", "trade__buyer__email", "trade__seller__email")
    ordering = ("-id",)
    inlines = (TimelineInline, RulingInline, HelperInline)
    actions = ("assign_to_me", "release", "refund", "confirm")

    @admin.display(description="trade", ordering="trade__reference")
    def reference(self, dispute: Dispute) -> str:
        return dispute.trade.reference

    @admin.display(ordering="created_at")
    def age(self, dispute: Dispute) -> str:
        return timesince(dispute.created_at, dispute.closed_at)

    @admin.display(ordering="trade__amount")
    def amount(self, dispute: Dispute) -> str:
        return _worth(dispute.trade)

    @admin.display(ordering="trade__buyer__email")
    def buyer(self, dispute: Dispute) -> User:
        return dispute.trade.buyer

    @admin.display(ordering="trade__seller__email")
    def seller(self, dispute: Dispute) -> User:
        return dispute.trade.seller

    @admin.action(description="Assign to me", permissions=["view"])
    def assign_to_me(self, request: HttpRequest, rows: QuerySet[Dispute]) -> None:
        self.decide(request, rows, services.assign_dispute, must_explain=False)

    @admin.action(description="Release to the buyer", permissions=["decide"])
    def release(self, request: HttpRequest, rows: QuerySet[Dispute]) -> None:
        self._resolve(request, rows, Dispute.Resolution.RELEASE)

    @admin.action(description="Refund to the seller", permissions=["decide"])
    def refund(self, request: HttpRequest, rows: QuerySet[Dispute]) -> None:
        self._resolve(request, rows, Dispute.Resolution.REFUND)

    @admin.action(description="Confirm what another admin rules", permissions=["decide"])
    def confirm(self, request: HttpRequest, rows: QuerySet[Dispute]) -> None:
        for dispute in rows.order_by("pk"):
            proposal = dispute.rulings.filter(status=Ruling.Status.PROPOSED).first()
            chosen = rows.filter(pk=dispute.pk)
            self.decide(request, chosen, services.confirm_ruling, ruling_id=proposal.pk if proposal else dispute.pk)

    def _resolve(self, request: HttpRequest, rows: QuerySet[Dispute], resolution: Dispute.Resolution) -> None:
        self.decide(request, rows, services.resolve_dispute, resolution=resolution)


def _worth(trade: Trade) -> str:
    return f"{trade.amount} USDT at {trade.price} {trade.quote}"


@admin.register(DisputeEntry)
class DisputeEntryAdmin(ReadOnlyAdmin):
    list_display = ("dispute", "at", "actor", "author", "action", "internal")
    list_filter = ("action", "actor", "internal")
    list_select_related = ("dispute", "author")
    search_fields = ("=dispute__id", "note")
    ordering = ("-id",)


@admin.register(DisputeFile)
class DisputeFileAdmin(ReadOnlyAdmin):
    list_display = ("entry", "file", "has_copies")
    list_select_related = ("entry__dispute", "file")
    search_fields = ("=entry__dispute__id", "=file__sha256", "file__name")
    ordering = ("-id",)

    @admin.display(boolean=True)
    def has_copies(self, evidence: DisputeFile) -> bool:
        return evidence.copies.exists()


@admin.register(Ruling)
class RulingAdmin(ReadOnlyAdmin):
    list_display = (
        "dispute", "status", "resolution", "buyer_amount", "finding", "needs_second", "proposed_by", "confirmed_by",
    )  # fmt: skip
    list_filter = ("status", "resolution", "finding", "needs_second")
    list_select_related = ("dispute", "proposed_by", "confirmed_by")
    search_fields = ("=id", "=dispute__id", "=dispute__trade__reference", "reason")
    ordering = ("-id",)


@admin.register(DisputeHelper)
class DisputeHelperAdmin(ReadOnlyAdmin):
    list_display = ("dispute", "user", "added_by", "at")
    list_select_related = ("dispute", "user", "added_by")
    search_fields = ("=dispute__id", "user__email")
    ordering = ("-id",)
