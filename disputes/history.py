"""What staff want to know of the parties to a dispute before they rule."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from accounts.models import TraderRecord, User
from accounts.representations import public_user_json
from accounts.trust.representations import record_json
from accounts.trust.selectors import records_of
from disputes.models import Dispute
from iqx.core import clock
from iqx.core.clock import rfc3339
from trades.models import Trade


def history_of(dispute: Dispute) -> dict[str, Any]:
    """Both parties' records, and what they had to do with each other before. `trade` must be loaded."""
    trade = dispute.trade
    pair = (trade.buyer_id, trade.seller_id)
    records = records_of(pair)
    return {
        "buyer": _person(trade.buyer, records[trade.buyer_id]),
        "seller": _person(trade.seller, records[trade.seller_id]),
        "trades_together": Trade.objects.filter(buyer__in=pair, seller__in=pair).exclude(pk=trade.pk).count(),
        "status_before": trade.status if dispute.after_end else Trade.Status.PAID.value,
    }


def _person(user: User, record: TraderRecord) -> dict[str, Any]:
    """Account, trades and disputes of one person."""
    return {
        "account_created_at": rfc3339(user.created_at),
        "account_age_days": (clock.now() - user.created_at).days,
        "suspended": not user.is_active,
        "kyc_status": user.kyc_status,
        "kyc_level": user.kyc_level,
        "record": public_user_json(user) | record_json(record),
        "live_trades": Trade.objects.filter(Q(buyer=user) | Q(seller=user), status__in=Trade.LIVE).count(),
        "disputes": _disputes(user.id),
    }


def _disputes(user_id: UUID) -> dict[str, Any]:
    """`lost`: those that ended wholly in favour of the other side."""
    bought, sold = Q(trade__buyer=user_id), Q(trade__seller=user_id)
    refunded = Q(resolution=Dispute.Resolution.REFUND) | Q(finding=Dispute.Finding.SELLER)
    released = Q(resolution=Dispute.Resolution.RELEASE) | Q(finding=Dispute.Finding.BUYER)
    return Dispute.objects.filter(bought | sold).aggregate(
        total=Count("pk"),
        opened=Count("pk", filter=bought & Q(opened_by="buyer") | sold & Q(opened_by="seller")),
        won=Count("pk", filter=bought & released | sold & refunded),
        lost=Count("pk", filter=bought & refunded | sold & released),
        live=Count("pk", filter=Q(status__in=Dispute.LIVE)),
    )
