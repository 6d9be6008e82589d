"""Making and revoking API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts import keys
from accounts.alerts import raise_alert
from accounts.errors import TooManyKeys
from accounts.models import AlertKind, ApiKey
from accounts.step_up import require_second_factor
from accounts.tokens import digest_of
from iqx.core import clock, events
from iqx.core.errors import Invalid, NotFound
from iqx.core.transactions import use_case

MOST_KEYS: Final = 20


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `secret` is the key itself."""

    key: ApiKey
    secret: str


@use_case
def create_api_key(
    *,
    user_id: UUID,
    name: str,
    scopes: Sequence[str],
    allowed_ips: Sequence[str] = (),
    expires_at: datetime | None = None,
    otp: str = "",
) -> NewKey:
    """Make a key. Its secret is returned this once.

    Locks: the user, so that his keys do not outgrow their limit.
    Raises: OtpRequired, OtpInvalid, TooManyKeys. Invalid: it would have expired already.
    """
    user = require_second_factor(user_id, otp)
    now = clock.now()
    if expires_at and expires_at <= now:
        raise Invalid("This must be in the future.", field="expires_at")
    if ApiKey.objects.filter(user=user, revoked_at=None).count() >= MOST_KEYS:
        raise TooManyKeys(most=MOST_KEYS)
    secret = keys.new_key()
    key = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=secret[:8],
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        networks=sorted(set(allowed_ips)),
        created_at=now,
        expires_at=expires_at,
    )
    events.append([raise_alert(user, AlertKind.API_KEY_CREATED, name=name, scopes=key.scopes)])
    return NewKey(key, secret)


@use_case
def revoke_api_key(*, user_id: UUID, key_id: UUID) -> None:
    """Revoke one of the user's own keys, at once; its sockets close. Raises: NotFound."""
    if not keys.revoke(ApiKey.objects.filter(user_id=user_id, pk=key_id)):
        raise NotFound
