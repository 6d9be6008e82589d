"""The one form of records and relations."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.models import Flag, Relation, Rule, RuleChange, TraderRecord, User
from accounts.representations import public_user_json
from accounts.trust.rules import (
    NET_PURCHASES,
    NEW_ADDRESS,
    SERIAL_CANCELLER,
    Spec,
    parameters_of,
    rules_in_force,
)
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.money import usdt


def record_json(record: TraderRecord) -> dict[str, Any]:
    """A public reputation; a share or average of nothing is null."""
    return {
        "completed_trades": record.completed_trades,
        "failed_trades": record.failed_trades,
        "completion_rate": _text(record.completion_rate, 4),
        "trades_30d": record.trades_30d,
        "partners": record.partners,
        "pay_seconds": record.pay_seconds,
        "release_seconds": record.release_seconds,
        "rating": _text(record.rating, 2),
        "ratings": record.ratings,
        "first_trade_at": rfc3339_or_none(record.first_trade_at),
    }


def trader_json(trader: User, record: TraderRecord) -> dict[str, Any]:
    """What everyone may know of a person."""
    return public_user_json(trader) | {
        "kyc_level": trader.kyc_level,
        "member_since": rfc3339(trader.created_at),
        **record_json(record),
    }


def relation_json(relation: Relation) -> dict[str, Any]:
    """An entry of one's list; `other` must be loaded."""
    return {"user": public_user_json(relation.other), "created_at": rfc3339(relation.created_at)}


def _text(value: object, places: int) -> str | None:
    return None if value is None else f"{value:.{places}f}"


def rule_json(spec: Spec, row: Rule | None) -> dict[str, Any]:
    """A rule as it is in force."""
    return {
        "code": spec.code,
        "title": spec.title,
        "stops": spec.stops,
        "because": spec.because,
        "severity": spec.severity,
        "enabled": row.enabled if row else True,
        "parameters": parameters_of(spec, row),
        "explained": {name: parameter.says for name, parameter in spec.parameters.items()},
    }


def change_json(change: RuleChange) -> dict[str, Any]:
    """A line of a rule's history; `actor` must be loaded."""
    return {
        "actor": public_user_json(change.actor),
        "enabled": change.enabled,
        "parameters": change.parameters,
        "reason": change.reason,
        "at": rfc3339(change.at),
    }


def flag_json(flag: Flag) -> dict[str, Any]:
    """A line of staff's queue; `user` and `decided_by` must be loaded."""
    return {
        "id": str(flag.id),
        "code": flag.code,
        "severity": flag.severity,
        "subject": {"kind": flag.subject_kind, "id": str(flag.subject_id)},
        "user": public_user_json(flag.user),
        "because": flag.because,
        "status": flag.status,
        "due_at": rfc3339_or_none(flag.due_at),
        "note": flag.note or None,
        "decided_by": public_user_json(flag.decided_by) if flag.decided_by else None,
        "decided_at": rfc3339_or_none(flag.decided_at),
        "created_at": rfc3339(flag.created_at),
    }


def limits_json() -> dict[str, Any]:
    """What everybody may know of the limits: one query."""
    rules = rules_in_force([SERIAL_CANCELLER, NET_PURCHASES, NEW_ADDRESS])
    levels = [{"level": level, **_amounts(limits)} for level, limits in settings.DAILY_LIMITS.items()]
    rungs = rules.get(SERIAL_CANCELLER.code, {}).get("ladder", [])
    return {
        "levels": levels,
        "pauses": [{"failed_trades": failed, "pause_seconds": seconds} for failed, seconds in rungs],
        "purchase_hold_hours": rules.get(NET_PURCHASES.code, {}).get("hours", {}),
        "new_address_hold_hours": rules.get(NEW_ADDRESS.code, {}).get("hours", 0),
        "max_live_orders": settings.MAX_LIVE_ORDERS,
    }


def _amounts(limits: dict[str, Decimal]) -> dict[str, str]:
    return {what: usdt(amount) for what, amount in limits.items()}
