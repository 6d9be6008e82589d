"""The one form of disputes, for REST and events alike. `trade` must be loaded."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.representations import public_user_json
from disputes.models import Dispute, DisputeEntry, Ruling
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.files import file_json
from iqx.core.models import StoredFile
from iqx.core.money import minor_units, plain, usdt


def dispute_json(dispute: Dispute, reader_id: UUID) -> dict[str, Any]:
    """A dispute as a party sees it: both see the same, but that the seller alone is warned of the buyer's receipts."""
    warned = reader_id == dispute.trade.seller_id
    entries = [entry for entry in dispute.timeline.all() if not entry.internal]
    return _dispute_json(dispute, [entry_json(entry, warned=warned) for entry in entries])


def _dispute_json(dispute: Dispute, timeline: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(dispute.id),
        "trade": str(dispute.trade_id),
        "opened_by": dispute.opened_by,
        "reason": dispute.reason,
        "status": dispute.status,
        "resolution": dispute.resolution,
        "buyer_amount": _usdt_or_none(dispute.buyer_amount),
        "after_end": dispute.after_end,
        "finding": dispute.finding,
        "deadline": rfc3339_or_none(dispute.deadline),
        "answers_due": {
            "buyer": rfc3339_or_none(dispute.buyer_due_at),
            "seller": rfc3339_or_none(dispute.seller_due_at),
        },
        "timeline": timeline,
        "created_at": rfc3339(dispute.created_at),
        "closed_at": rfc3339_or_none(dispute.closed_at),
        "version": dispute.version,
    }


def entry_json(entry: DisputeEntry, *, warned: bool) -> dict[str, Any]:
    """`warned` readers are told which receipts were seen in another trade."""
    return {
        "action": entry.action,
        "actor": entry.actor,
        "note": entry.note,
        "files": [
            file_json(evidence.file) | {"seen_before": evidence.seen_before and warned}
            for evidence in entry.files.all()
        ],
        "at": rfc3339(entry.at),
    }


def staff_entry_json(entry: DisputeEntry) -> dict[str, Any]:
    """With what else looks like its files."""
    shown = entry_json(entry, warned=True)
    for file, evidence in zip(shown["files"], entry.files.all(), strict=True):
        file["copies"] = [_copy_json(copy) for copy in evidence.copies.all()]
    return shown | {"internal": entry.internal}


def _copy_json(file: StoredFile) -> dict[str, Any]:
    return {"sent_by": str(file.owner_id), "sent_for": file.purpose, "sent_at": rfc3339(file.created_at)}


def staff_dispute_json(dispute: Dispute) -> dict[str, Any]:
    """A dispute as staff see it: with their notes, what is at stake, and the persons, as `all_disputes` loads it."""
    trade, entries = dispute.trade, list(dispute.timeline.all())
    return _dispute_json(dispute, [staff_entry_json(entry) for entry in entries]) | {
        "staff_due_at": rfc3339_or_none(dispute.staff_due_at),
        "market": trade.market_id,
        "reference": trade.reference,
        "amount": usdt(trade.amount),
        "total": plain(trade.total, minor_units(trade.quote)),
        "quote": trade.quote,
        "payment_method": trade.payment_method,
        "trade_status": trade.status,
        "buyer": public_user_json(trade.buyer),
        "seller": public_user_json(trade.seller),
        "assignee": _public_or_none(dispute.assignee),
        "resolved_by": _public_or_none(dispute.resolved_by),
        "helpers": [public_user_json(helper.user) for helper in dispute.helpers.all()],
        "rulings": [ruling_json(ruling) for ruling in dispute.rulings.all()],
    }


def ruling_json(ruling: Ruling) -> dict[str, Any]:
    """`proposed_by` and `confirmed_by` must be loaded."""
    return {
        "id": str(ruling.id),
        "status": ruling.status,
        "resolution": ruling.resolution,
        "buyer_amount": _usdt_or_none(ruling.buyer_amount),
        "finding": ruling.finding,
        "compensation": _usdt_or_none(ruling.compensation),
        "reason": ruling.reason,
        "needs_second": ruling.needs_second,
        "proposed_by": public_user_json(ruling.proposed_by),
        "confirmed_by": _public_or_none(ruling.confirmed_by),
        "created_at": rfc3339(ruling.created_at),
    }


def _public_or_none(user: User | None) -> dict[str, Any] | None:
    return public_user_json(user) if user else None


def _usdt_or_none(value: Decimal | None) -> str | None:
    return usdt(value) if value is not None else None
