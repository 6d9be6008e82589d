"""The one form of disputes, for REST and events alike. `trade` must be loaded."""

from typing import Any

from accounts.models import User
from accounts.representations import public_user_json
from disputes.models import Dispute, DisputeEntry
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.money import minor_units, plain, usdt


def dispute_json(dispute: Dispute) -> dict[str, Any]:
    """A dispute as both of its parties see it."""
    return {
        "id": str(dispute.id),
        "trade": str(dispute.trade_id),
        "opened_by": dispute.opened_by,
        "reason": dispute.reason,
        "status": dispute.status,
        "resolution": dispute.resolution,
        "buyer_amount": usdt(dispute.buyer_amount) if dispute.buyer_amount is not None else None,
        "deadline": rfc3339_or_none(dispute.trade.deadline) if dispute.is_live else None,
        "timeline": [entry_json(entry) for entry in dispute.timeline.all()],
        "created_at": rfc3339(dispute.created_at),
        "closed_at": rfc3339_or_none(dispute.closed_at),
        "version": dispute.version,
    }


def entry_json(entry: DisputeEntry) -> dict[str, Any]:
    return {"action": entry.action, "actor": entry.actor, "note": entry.note, "at": rfc3339(entry.at)}


def staff_dispute_json(dispute: Dispute) -> dict[str, Any]:
    """A dispute as staff see it: with what is at stake, and the persons, who must be loaded."""
    trade = dispute.trade
    return dispute_json(dispute) | {
        "market": trade.market_id,
        "reference": trade.reference,
        "amount": usdt(trade.amount),
        "total": plain(trade.total, minor_units(trade.quote)),
        "quote": trade.quote,
        "payment_method": trade.payment_method,
        "buyer": public_user_json(trade.buyer),
        "seller": public_user_json(trade.seller),
        "assignee": _public_or_none(dispute.assignee),
        "resolved_by": _public_or_none(dispute.resolved_by),
    }


def _public_or_none(user: User | None) -> dict[str, Any] | None:
    return public_user_json(user) if user else None
