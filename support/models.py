"""Support tickets: a user's question, and the conversation about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from iqx.core.ids import new_id
from iqx.core.models import StoredFile
from orders.models import Order
from trades.models import Trade


class Ticket(models.Model):
    """A user's question to staff, perhaps about a trade or an order of his.

    `status` says who speaks next, and `due_at` until when. A ticket whose owner falls silent closes by itself. A closed
    ticket takes no more messages; one that its owner didn't close himself is opened again by a message of his, for some
    days. When it is closed he may rate it, once.
    """

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

    class Closer(models.TextChoices):
        USER = "user"
        STAFF = "staff"
        SYSTEM = "system"  # its owner fell silent

    LIVE = (Status.OPEN, Status.WAITING_USER, Status.WAITING_STAFF)

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
        help_text="who answered first, or was assigned",
    )
    trade = models.ForeignKey(Trade, on_delete=models.PROTECT, related_name="+", null=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", null=True)
    due_at = models.DateTimeField(null=True, help_text="by when who has to speak next should have spoken")
    closed_by = models.CharField(max_length=6, choices=Closer, null=True)
    rating = models.PositiveSmallIntegerField(null=True, help_text="1 to 5, by its owner")
    rating_comment = models.CharField(max_length=1000, blank=True)
    rated_at = models.DateTimeField(null=True)
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
                condition=Q(
                    status__in=["open", "waiting_user", "waiting_staff"],
                    closed_at__isnull=True,
                    closed_by__isnull=True,
                    due_at__isnull=False,
                )
                | Q(status="closed", closed_at__isnull=False, closed_by__isnull=False, due_at__isnull=True),
                name="support_ticket_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True, rated_at__isnull=True, rating_comment="")
                | Q(rating__gte=1, rating__lte=5, rating__isnull=False, rated_at__isnull=False),
                name="support_ticket_rated_1_to_5",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="support_tickets_of_user"),
            models.Index(fields=["status", "-id"], name="support_by_status"),
            models.Index(fields=["due_at"], name="support_tickets_due", condition=Q(due_at__isnull=False)),
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


class TicketFile(models.Model):
    """A file that was sent with a message."""

    message = models.ForeignKey(TicketMessage, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.file)


class CannedAnswer(models.Model):
    """An answer that staff give often. What was sent is kept in the ticket, so it may be changed and deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=120)
    category = models.CharField(max_length=12, choices=Ticket.Category, blank=True, help_text="empty: of any")
    body = models.TextField(max_length=5000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["title"], name="support_cannedanswer_once"),
            models.CheckConstraint(
                condition=Q(title__regex=r"\S", body__regex=r"\S"), name="support_cannedanswer_visible"
            ),
        ]

    def __str__(self) -> str:
        return self.title
