"""The one form of records and relations."""

from typing import Any

from accounts.models import Relation, TraderRecord, User
from accounts.representations import public_user_json
from iqx.core.clock import rfc3339, rfc3339_or_none


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
