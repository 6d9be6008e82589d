"""The one form of each object, for REST and events alike."""

from typing import Any
from uuid import UUID

from accounts.models import PaymentMethod, Session, User
from accounts.selectors import daily_limits
from iqx.core import clock
from iqx.core.money import usdt


def user_json(user: User) -> dict[str, Any]:
    """A user as he sees himself."""
    return {
        "id": str(user.pk),
        "email": user.email,
        "display_name": user.display_name,
        "role": user.role,
        "kyc_status": user.kyc_status,
        "kyc_level": user.kyc_level,
        "email_verified": user.email_verified_at is not None,
        "two_factor": user.two_factor,
        "created_at": clock.rfc3339(user.created_at),
        "trading_paused_until": clock.rfc3339_or_none(user.trading_paused_until),
        "limits": {what: usdt(amount) for what, amount in daily_limits(user).items()},
    }


def public_user_json(user: User) -> dict[str, Any]:
    """A user as others see him."""
    return {"id": str(user.pk), "display_name": user.display_name}


def session_json(session: Session, *, current: UUID | None = None) -> dict[str, Any]:
    return {
        "id": str(session.pk),
        "current": session.pk == current,
        "ip": session.ip,
        "user_agent": session.user_agent,
        "created_at": clock.rfc3339(session.created_at),
        "last_used_at": clock.rfc3339(session.last_used_at),
    }


def payment_method_json(method: PaymentMethod) -> dict[str, Any]:
    return {
        "code": method.code,
        "name": method.name,
        "currencies": method.currencies,
        "instant": method.instant,
    }
