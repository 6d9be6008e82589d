"""What staff want to know at a glance: what waits, for how long, and what went on in the last day."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet, Sum
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.serializers import Body
from accounts.models import Approval, Flag, KycSubmission, User
from disputes.models import Dispute
from iqx.core import clock, ids
from iqx.core.api.fields import AmountField
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.money import ZERO, usdt
from orders.models import Order
from support.models import Ticket
from trades.models import Trade, Transaction
from wallets.models import Adjustment, Deposit, Withdrawal

_OWED = Q(due_at__isnull=False)

# All that waits for staff, by the column that says until when; each has an index of just those rows.
_QUEUES: Final[dict[str, tuple[QuerySet[Any], str]]] = {
    "disputes": (Dispute.objects.filter(staff_due_at__isnull=False), "staff_due_at"),
    "withdrawals": (Withdrawal.objects.filter(_OWED), "due_at"),
    "deposits": (Deposit.objects.filter(_OWED), "due_at"),
    "adjustments": (Adjustment.objects.filter(_OWED), "due_at"),
    "kyc": (KycSubmission.objects.filter(_OWED), "due_at"),
    "tickets": (Ticket.objects.filter(_OWED, status__in=[Ticket.Status.OPEN, Ticket.Status.WAITING_STAFF]), "due_at"),
    "flags": (Flag.objects.filter(_OWED), "due_at"),
    "approvals": (Approval.objects.filter(_OWED), "due_at"),
}


class QueueSerializer(Body):
    waiting = serializers.IntegerField()
    overdue = serializers.IntegerField()
    next_due_at = serializers.DateTimeField(allow_null=True, help_text="Of what is due, or was, first.")


class DaySerializer(Body):
    users = serializers.IntegerField(help_text="Who registered.")
    orders = serializers.IntegerField(help_text="That were placed.")
    trades = serializers.IntegerField(help_text="That were opened.")
    receipts = serializers.IntegerField(help_text="Trades that ended in a sale.")
    volume = AmountField(help_text="USDT that were sold.")
    disputes = serializers.IntegerField(help_text="That were opened.")


class StatsSerializer(Body):
    queues = serializers.DictField(child=QueueSerializer())
    last_24h = DaySerializer()
    at = serializers.DateTimeField()


class StatsView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Tell what waits for staff, how much of it is overdue, and what went on in the last 24 hours."""
        now = clock.now()
        queues = {name: _queue(rows, due, now) for name, (rows, due) in _QUEUES.items()}
        return Response({"queues": queues, "last_24h": _day(now), "at": rfc3339(now)})


def _queue(rows: QuerySet[Any], due: str, now: datetime) -> dict[str, Any]:
    found = rows.aggregate(waiting=Count("pk"), overdue=Count("pk", filter=Q(**{f"{due}__lte": now})), first=Min(due))
    return {
        "waiting": found["waiting"],
        "overdue": found["overdue"],
        "next_due_at": rfc3339_or_none(found["first"]),
    }


def _day(now: datetime) -> dict[str, Any]:
    """By the primary keys, which sort by time: no index of its own, and no long count."""
    recent = Q(pk__gte=ids.first_id_at(now - timedelta(days=1)))
    sold = Transaction.objects.filter(recent).aggregate(number=Count("pk"), volume=Sum("amount"))
    return {
        "users": User.objects.filter(recent).count(),
        "orders": Order.objects.filter(recent).count(),
        "trades": Trade.objects.filter(recent).count(),
        "receipts": sold["number"],
        "volume": usdt(sold["volume"] or ZERO),
        "disputes": Dispute.objects.filter(recent).count(),
    }
