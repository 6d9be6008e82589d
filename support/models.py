"""Support tickets: a user's question, and the conversation about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from iqx.core.ids import new_id


class Ticket(models.Model):
    """A user's question to staff. `status` says who speaks next; a closed ticket takes no more messages."""

    class Category(models.TextChoices):
        ACCOUNT = "account"
        VERIFICATION = "verification"
        DEPOSIT = "deposit"
        WITHDRAWAL = "withdrawal"
        TRADE = "trade"
        SECURITY = "security"
        OTHER = "other"

    class Status(models.TextChoices):
        OPEN = "open"  # nobody has answered yet
        WAITING_USER = "waiting_user"
        WAITING_STAFF = "waiting_staff"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    subject = models.CharField(max_length=200)
    category = models.CharField(max_length=12, choices=Category)
    status = models.CharField(max_length=13, choices=Status, default=Status.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text="who answered first",
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(subject__regex=r"\S"), name="support_ticket_subject_visible"),
            models.CheckConstraint(
                condition=Q(
                    category__in=["account", "verification", "deposit", "withdrawal", "trade", "security", "other"]
                ),
                name="support_ticket_category_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "waiting_user", "waiting_staff"], closed_at__isnull=True)
                | Q(status="closed", closed_at__isnull=False),
                name="support_ticket_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="support_tickets_of_user"),
            models.Index(fields=["status", "-id"], name="support_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.status})"


class TicketMessage(models.Model):
    """What was written in a ticket; never changed. The user is not told which member of staff wrote."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_staff = models.BooleanField()
    body = models.TextField(max_length=5000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(body__regex=r"\S"), name="support_ticketmessage_body_visible"),
        ]

    def __str__(self) -> str:
        return f"{'staff' if self.from_staff else 'user'}: {self.body[:60]}"
