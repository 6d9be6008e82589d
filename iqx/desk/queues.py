"""What waits for staff, most urgent first. Nothing is counted beyond what a page can say: a thousand is "1000+".

Each queue is one row of `QUEUES`; all counts together are one query, and each queue's first rows another.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Approval, Flag, KycSubmission
from disputes.models import Dispute
from iqx.core import clock
from iqx.desk.templatetags.desk import money
from support.models import Ticket
from trades.models import ReceiptFlag
from wallets.models import Deposit, Withdrawal

MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide on: what it is, whose, what is at stake, and by when."""

    queue: str
    what: str
    who: str
    stake: str
    since: datetime
    due_at: datetime | None
    assignee: str
    link: str

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and self.due_at < clock.now()


@dataclass(frozen=True, slots=True)
class Queue:
    """A kind of work. `waiting` is SQL that yields (since, due_at) of what waits; `rows` the same by the ORM."""

    code: str
    name: str
    verb: str
    waiting: str
    rows: Callable[[], QuerySet[Any]]
    item: Callable[[Any], Item]
    admin_only: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """How a queue stands."""

    queue: Queue
    count: int
    late: int
    oldest: datetime | None
    next_due: datetime | None
    link: str

    @property
    def shown(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)


def _dispute(dispute: Dispute) -> Item:
    trade = dispute.trade
    return Item(
        "disputes", f"{dispute.get_reason_display()}, {trade.reference}",
        f"{trade.buyer.display_name} buys of {trade.seller.display_name}", f"{money(trade.amount)} USDT",
        dispute.created_at, dispute.staff_due_at, dispute.assignee.display_name if dispute.assignee else "",
        reverse("desk:dispute", args=[dispute.pk]),
    )  # fmt: skip


def _withdrawal(withdrawal: Withdrawal) -> Item:
    return Item(
        "withdrawals", f"To {withdrawal.address[:10]}… by {withdrawal.network}", withdrawal.user.email,
        f"{money(withdrawal.amount)} USDT", withdrawal.created_at, withdrawal.due_at, "",
        reverse("desk:withdrawal", args=[withdrawal.pk]),
    )  # fmt: skip


def _deposit(deposit: Deposit) -> Item:
    return Item(
        "deposits", f"By {deposit.network}", deposit.user.email, f"{money(deposit.amount)} USDT", deposit.created_at,
        deposit.due_at, "", reverse("desk:deposit", args=[deposit.pk]),
    )  # fmt: skip


def _approval(approval: Approval) -> Item:
    return Item(
        "approvals", f"{approval.get_kind_display()}: {approval.reason}", approval.user.email,
        f"{money(Decimal(approval.payload['amount']))} USDT" if "amount" in approval.payload else "",
        approval.created_at, approval.due_at, "", reverse("desk:approval", args=[approval.pk]),
    )  # fmt: skip


def _submission(submission: KycSubmission) -> Item:
    return Item(
        "kyc", f"{submission.get_document_type_display()}, {submission.country}", submission.user.email, "",
        submission.created_at, submission.due_at, "", reverse("desk:kyc", args=[submission.pk]),
    )  # fmt: skip


def _ticket(ticket: Ticket) -> Item:
    return Item(
        "tickets", ticket.subject, ticket.user.email, "", ticket.created_at, ticket.due_at,
        ticket.assignee.display_name if ticket.assignee else "", reverse("desk:ticket", args=[ticket.pk]),
    )  # fmt: skip


def _flag(flag: Flag) -> Item:
    return Item(
        "flags", f"{flag.severity}: {flag.because}", flag.user.email, "", flag.created_at, flag.due_at, "",
        reverse("desk:flag", args=[flag.pk]),
    )  # fmt: skip


def _receipt(flag: ReceiptFlag) -> Item:
    return Item(
        "receipts", f"Receipt of {flag.message.trade.reference} seen in {flag.seen_in.trade.reference}",
        flag.message.author.email, "", flag.created_at, None, "",
        reverse("admin:trades_receiptflag_changelist") + "?reviewed_at__isempty=1",
    )  # fmt: skip


QUEUES: Final = (
    Queue(
        "disputes", "Disputes", "settle",
        "SELECT created_at, staff_due_at FROM disputes_dispute WHERE staff_due_at IS NOT NULL",
        lambda: Dispute.objects.filter(staff_due_at__isnull=False)
        .select_related("trade__buyer", "trade__seller", "assignee").order_by("staff_due_at"),
        _dispute,
    ),
    Queue(
        "withdrawals", "Withdrawals", "approve",
        "SELECT created_at, due_at FROM wallets_withdrawal WHERE due_at IS NOT NULL",
        lambda: Withdrawal.objects.filter(due_at__isnull=False).select_related("user").order_by("due_at"),
        _withdrawal, admin_only=True,
    ),
    Queue(
        "approvals", "Second person", "approve",
        "SELECT created_at, due_at FROM accounts_approval WHERE due_at IS NOT NULL",
        lambda: Approval.objects.filter(due_at__isnull=False).select_related("user").order_by("due_at"),
        _approval, admin_only=True,
    ),
    Queue(
        "deposits", "Deposits", "confirm",
        "SELECT created_at, due_at FROM wallets_deposit WHERE due_at IS NOT NULL",
        lambda: Deposit.objects.filter(due_at__isnull=False).select_related("user").order_by("due_at"),
        _deposit, admin_only=True,
    ),
    Queue(
        "kyc", "Identity documents", "review",
        "SELECT created_at, due_at FROM accounts_kycsubmission WHERE due_at IS NOT NULL",
        lambda: KycSubmission.objects.filter(due_at__isnull=False).select_related("user").order_by("due_at"),
        _submission,
    ),
    Queue(
        "tickets", "Tickets", "answer",
        "SELECT created_at, due_at FROM support_ticket WHERE due_at IS NOT NULL AND status <> 'waiting_user'",
        lambda: Ticket.objects.filter(due_at__isnull=False).exclude(status=Ticket.Status.WAITING_USER)
        .select_related("user", "assignee").order_by("due_at"),
        _ticket,
    ),
    Queue(
        "flags", "Flagged", "look into",
        "SELECT created_at, due_at FROM accounts_flag WHERE due_at IS NOT NULL",
        lambda: Flag.objects.filter(due_at__isnull=False).select_related("user").order_by("due_at"),
        _flag,
    ),
    Queue(
        "receipts", "Receipts seen before", "look at",
        "SELECT created_at, NULL::timestamptz FROM trades_receiptflag WHERE reviewed_at IS NULL",
        lambda: ReceiptFlag.objects.filter(reviewed_at=None)
        .select_related("message__trade", "message__author", "seen_in__trade").order_by("-id"),
        _receipt,
    ),
)  # fmt: skip

BY_CODE: Final = {queue.code: queue for queue in QUEUES}


def summaries() -> list[Summary]:
    """How all queues stand: one query, and none of its parts looks at more than `MOST` rows."""
    parts = " UNION ALL ".join(
        f"SELECT {number} AS queue, count(*), count(*) FILTER (WHERE due < now()), min(since), min(due) "  # noqa: S608
        f"FROM (SELECT * FROM ({queue.waiting}) AS every (since, due) LIMIT {MOST + 1}) AS part"
        for number, queue in enumerate(QUEUES)
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        rows = sorted(cursor.fetchall())
    return [
        Summary(QUEUES[number], count, late, oldest, due, reverse("desk:queue", args=[QUEUES[number].code]))
        for number, count, late, oldest, due in rows
    ]


def first_of(queue: Queue, count: int) -> list[Item]:
    return [queue.item(row) for row in queue.rows()[:count]]


def most_urgent(standing: Iterable[Summary], count: int) -> list[Item]:
    """The first of everything that has a deadline, one query for each queue that isn't empty."""
    items = [item for summary in standing if summary.count for item in first_of(summary.queue, count)]
    return sorted((item for item in items if item.due_at), key=lambda item: item.due_at or item.since)[:count]


@dataclass(frozen=True, slots=True)
class Stuck:
    """Something that ought to have gone on by itself."""

    what: str
    count: int
    oldest: datetime | None
    link: str


_STUCK: Final = """
SELECT 0, count(*), min(deadline) FROM (
    SELECT deadline FROM trades_trade
    WHERE status IN ('awaiting_payment', 'expired', 'paid', 'disputed') AND deadline < now() - interval '5 minutes'
    LIMIT {most}) AS trades
UNION ALL
SELECT 1, count(*), min(created_at) FROM (
    SELECT created_at FROM orders_order WHERE status = 'pending' AND created_at < now() - interval '1 minute'
    LIMIT {most}) AS orders
UNION ALL
SELECT 2, count(*), min(at) FROM (
    SELECT coalesce(scheduled_at, now()) AS at FROM procrastinate_jobs WHERE status = 'failed' LIMIT {most}) AS jobs
UNION ALL
SELECT 3, count(*), min(at) FROM (SELECT at FROM core_pulse WHERE at < now() - interval '2 minutes') AS silent
"""
_STUCK_IN: Final = (
    ("trades whose deadline passed and that nobody advanced", "admin:trades_trade_changelist"),
    ("orders that nobody matched", "admin:orders_order_changelist"),
    ("jobs that failed", "admin:procrastinate_procrastinatejob_changelist"),
    ("processes whose pulse is silent", "admin:core_pulse_changelist"),
)


def stuck() -> list[Stuck]:
    """What doesn't move though it should: one query. The worker moves it, so it isn't running or can't."""
    with connection.cursor() as cursor:
        cursor.execute(_STUCK.format(most=MOST + 1))
        rows = sorted(cursor.fetchall())
    return [
        Stuck(_STUCK_IN[number][0], count, oldest, reverse(_STUCK_IN[number][1]))
        for number, count, oldest in rows
        if count
    ]
