"""Staff's pages on tickets: the conversation, and a place to answer below it."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline

from accounts.admin_filters import AssigneeFilter
from accounts.models import User
from iqx.core.admin import AuditedAdmin, ReadOnlyAdmin
from iqx.core.errors import DomainError
from support import services
from support.models import CannedAnswer, Ticket, TicketFile, TicketMessage
from wallets.admin import DecidingAdmin, OwnTransactionAdmin


class MessageInline(StackedInline):  # type: ignore[misc]
    """What was written, to read; and one empty answer."""

    model = TicketMessage
    fields = ("body", "author", "from_staff", "at")
    readonly_fields = ("author", "from_staff", "at")
    extra = 1
    can_delete = False
    verbose_name = "message"

    def has_add_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return obj is not None and obj.status != Ticket.Status.CLOSED

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return False


@admin.register(Ticket)
class TicketAdmin(DecidingAdmin, ReadOnlyAdmin, OwnTransactionAdmin):
    moves_money = False
    list_display = ("subject", "category", "status", "due_at", "user", "assignee", "rating", "created_at")
    list_filter = ("status", "category", "rating", AssigneeFilter)
    list_select_related = ("user", "assignee")
    search_fields = ("=id", "subject", "user__email")
    ordering = ("-id",)
    fields = (
        "user", "subject", "category", "status", "trade", "order", "assignee", "due_at", "created_at", "closed_at",
        "closed_by", "rating", "rating_comment",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (MessageInline,)
    actions = ("assign_to_me", "close")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Answering counts as a change to Django; every field is read-only."""
        return cast("User", request.user).may_act

    def save_model(self, request: HttpRequest, obj: Ticket, form: forms.ModelForm, change: bool) -> None:
        """Nothing of the ticket itself is ever edited."""

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: forms.BaseInlineFormSet, change: bool
    ) -> None:
        for message in formset.save(commit=False):
            try:
                services.answer_ticket(ticket_id=form.instance.pk, actor=cast("User", request.user), body=message.body)
            except DomainError as error:
                formset.new_objects.remove(message)
                self.message_user(request, error.detail, messages.ERROR)

    @admin.action(description="Assign to me", permissions=["change"])
    def assign_to_me(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        self.decide(request, rows, services.assign_ticket, must_explain=False)

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        self.decide(request, rows, services.close_ticket)


@admin.register(TicketMessage)
class TicketMessageAdmin(ReadOnlyAdmin):
    list_display = ("ticket", "author", "from_staff", "at")
    list_filter = ("from_staff",)
    list_select_related = ("ticket", "author")
    search_fields = ("=ticket__id", "body")
    ordering = ("-id",)


@admin.register(TicketFile)
class TicketFileAdmin(ReadOnlyAdmin):
    list_display = ("message", "file")
    list_select_related = ("message", "file")
    search_fields = ("=message__ticket__id", "file__name")
    ordering = ("-id",)


@admin.register(CannedAnswer)
class CannedAnswerAdmin(AuditedAdmin):
    """Staff's own texts: no money, no history, so they are edited here."""

    list_display = ("title", "category")
    list_filter = ("category",)
    search_fields = ("title", "body")
    ordering = ("title",)
