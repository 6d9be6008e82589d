"""Reads."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import ApiKey, Passkey, PaymentAccount, Session, Totp, User
from accounts.tokens import REFRESH_LIFETIME, Principal
from iqx.core import clock, hot
from iqx.core.errors import NotFound

_NAMES: Final = "SELECT id, display_name FROM accounts_user WHERE id = ANY(%s)"


def named(user_ids: Collection[UUID]) -> dict[UUID, User]:
    """These users with their names; the rest of them is read when it is asked for."""
    return {user.id: user for user in hot.fetch(User, _NAMES, [list(user_ids)])} if user_ids else {}


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


def api_keys_of(user_id: UUID) -> QuerySet[ApiKey]:
    """The user's keys that were not revoked, expired ones too."""
    return ApiKey.objects.filter(user_id=user_id, revoked_at=None)


def passkeys_of(user_id: UUID) -> QuerySet[Passkey]:
    return Passkey.objects.filter(user_id=user_id)


def has_app(user_id: UUID) -> bool:
    """Whether an authenticator app is one of the user's second factors."""
    return Totp.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()


def is_familiar(email: str, network: str) -> bool:
    """Whether the account of this (normalised) e-mail has been logged in to from that network."""
    return bool(network) and Session.objects.filter(user__email=email, network=network).exists()


def daily_limits(user: User) -> dict[str, Decimal]:
    """USDT that the user may deposit, trade and withdraw in a day."""
    limits: dict[str, Decimal] = settings.DAILY_LIMITS[user.kyc_level]
    return limits


def payment_accounts_of(user_id: UUID) -> QuerySet[PaymentAccount]:
    """A user's payment accounts as they are now."""
    return PaymentAccount.objects.filter(user_id=user_id, valid_until=None).select_related("user")


def get_payment_account(*, account_id: UUID, user_id: UUID) -> PaymentAccount:
    """One of a user's own payment accounts as it is now. Raises NotFound."""
    account = payment_accounts_of(user_id).filter(account=account_id).first()
    if account is None:
        raise NotFound
    return account


@dataclass(frozen=True, slots=True)
class AccountWanted:
    """Where a payment to `user_id` by `method` goes: to the version `chosen`, or to his default as of `since`."""

    user_id: UUID
    method: str
    since: datetime
    chosen: UUID | None = None


def find_payment_accounts(wanted: Sequence[AccountWanted]) -> list[PaymentAccount | None]:
    """The account for each payment: one query for all of them.

    Who had no default at `since` is paid to the first one that he added later.
    """
    if not wanted:
        return []
    mine = Q(
        Q(valid_until=None) | Q(valid_until__gt=min(want.since for want in wanted)),
        user_id__in={want.user_id for want in wanted},
        method_id__in={want.method for want in wanted},
        is_default=True,
    )
    chosen = {want.chosen for want in wanted if want.chosen}
    rows = list(
        PaymentAccount.objects.filter(mine | Q(pk__in=chosen))
        .select_related("user", "method")
        .order_by("valid_from", "version")
    )
    return [next((row for row in rows if _suits(row, want)), None) for want in wanted]


def _suits(row: PaymentAccount, want: AccountWanted) -> bool:
    if want.chosen:
        return row.pk == want.chosen
    return (
        (row.user_id, row.method_id) == (want.user_id, want.method)
        and row.is_default
        and (row.valid_until is None or row.valid_until > want.since)
    )
