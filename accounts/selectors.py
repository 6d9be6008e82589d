"""Reads."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Session, User
from accounts.tokens import REFRESH_LIFETIME, Principal
from iqx.core import clock


def live_session_of(principal: Principal) -> Session | None:
    """The session that an access token names, with its user, if both are still good: one query."""
    return (
        Session.objects.select_related("user")
        .filter(pk=principal.session_id, user_id=principal.user_id, ended_at=None, user__is_active=True)
        .first()
    )


def live_sessions(session_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the sessions that have not ended."""
    live = Session.objects.filter(pk__in=list(session_ids), ended_at=None, user__is_active=True)
    return set(live.values_list("pk", flat=True))


def sessions_of(user_id: UUID) -> QuerySet[Session]:
    """The sessions that a user could still use."""
    return Session.objects.filter(user_id=user_id, ended_at=None, last_used_at__gt=clock.now() - REFRESH_LIFETIME)


def is_familiar(email: str, network: str) -> bool:
    """Whether the account of this (normalised) e-mail has been logged in to from that network."""
    return bool(network) and Session.objects.filter(user__email=email, network=network).exists()


def daily_limits(user: User) -> dict[str, Decimal]:
    """USDT that the user may deposit, trade and withdraw in a day."""
    limits: dict[str, Decimal] = settings.DAILY_LIMITS[user.kyc_level]
    return limits
