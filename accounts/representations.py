"""The one form of each object, for REST and events alike."""

from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import ApiKey, Approval, Passkey, PaymentAccount, PaymentMethod, SecurityAlert, Session, User
from accounts.payments.sealing import details_of, name_matches
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


def staff_user_json(user: User) -> dict[str, Any]:
    """An account as staff see it."""
    return user_json(user) | {
        "suspended": not user.is_active,
        "withdrawals_held_until": clock.rfc3339_or_none(user.withdrawals_held_until),
    }


def approval_json(approval: Approval) -> dict[str, Any]:
    """What waits for a second person, or what became of it; the people in it must be loaded."""
    return {
        "id": str(approval.pk),
        "kind": approval.kind,
        "subject": str(approval.subject_id),
        "user": public_user_json(approval.user),
        "payload": approval.payload,
        "reason": approval.reason,
        "status": approval.status,
        "requested_by": public_user_json(approval.requested_by),
        "decided_by": public_user_json(approval.decided_by) if approval.decided_by else None,
        "note": approval.note or None,
        "due_at": clock.rfc3339_or_none(approval.due_at),
        "expires_at": clock.rfc3339(approval.expires_at),
        "decided_at": clock.rfc3339_or_none(approval.decided_at),
        "created_at": clock.rfc3339(approval.created_at),
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


def api_key_json(key: ApiKey) -> dict[str, Any]:
    """A key without what makes it one."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "allowed_ips": key.networks,
        "created_at": clock.rfc3339(key.created_at),
        "expires_at": clock.rfc3339_or_none(key.expires_at),
        "last_used_at": clock.rfc3339_or_none(key.last_used_at),
    }


def passkey_json(key: Passkey) -> dict[str, Any]:
    return {
        "id": str(key.pk),
        "name": key.name,
        "backed_up": key.backed_up,
        "created_at": clock.rfc3339(key.created_at),
        "last_used_at": clock.rfc3339_or_none(key.last_used_at),
    }


def security_alert_json(alert: SecurityAlert) -> dict[str, Any]:
    return {
        "id": str(alert.pk),
        "kind": alert.kind,
        "details": alert.details,
        "ip": alert.ip,
        "user_agent": alert.user_agent,
        "created_at": clock.rfc3339(alert.created_at),
    }


def payment_method_json(method: PaymentMethod) -> dict[str, Any]:
    cap = settings.PAYMENT_CAPS[method.risk]
    return {
        "code": method.code,
        "name": method.name,
        "currencies": method.currencies,
        "instant": method.instant,
        "window": method.window,
        "risk": method.risk,
        "max_amount": None if cap is None else usdt(cap),
        "fields": method.fields,
    }


def payment_account_note(account: PaymentAccount) -> dict[str, Any]:
    """A payment account without what it holds, for events: they are kept, and the details must not be."""
    return {
        "id": str(account.account),
        "method": account.method_id,
        "label": account.label,
        "is_default": account.is_default,
        "version": account.version,
        "created_at": clock.rfc3339(account.created_at),
        "updated_at": clock.rfc3339(account.valid_from),
        "deleted": account.valid_until is not None,
    }


def payment_account_json(account: PaymentAccount) -> dict[str, Any]:
    """A payment account as its owner sees it. `user` must be loaded."""
    details = details_of(account)
    return payment_account_note(account) | {"details": details, "name_matches": name_matches(details, account.user)}
