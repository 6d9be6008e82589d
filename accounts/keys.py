"""API keys: telling whose one is, and revoking them. Building blocks; `services.keys` has the use cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.errors import AuthenticationFailed, KeyAddressRefused, ScopeMissing
from accounts.models import ApiKey, Scope
from accounts.tokens import digest_of, new_secret
from iqx.core import bell, clock

MARK: Final = "iqx_"  # by which a key is known for one, also by those who look for leaked ones
_USE_IS_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whom a key speaks for at a socket; the key's id stands for a session there."""

    user_id: UUID
    session_id: UUID


def new_key() -> str:
    return MARK + new_secret()


def key_of(secret: str, address: str) -> ApiKey:
    """The live key, with its user: one query, and once a minute another that notes its use.

    Raises: AuthenticationFailed: there is none, it has expired or was revoked, or its user is suspended.
        KeyAddressRefused.
    """
    live = ApiKey.objects.select_related("user").filter(revoked_at=None, user__is_active=True)
    key = live.filter(digest=digest_of(secret)).first()
    now = clock.now()
    if key is None or (key.expires_at and key.expires_at <= now):
        raise AuthenticationFailed
    if not may_come_from(key, address):
        raise KeyAddressRefused
    if key.last_used_at is None or key.last_used_at <= now - _USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def may_come_from(key: ApiKey, address: str) -> bool:
    """Whether the key's allow-list, if it has one, has the address."""
    if not key.networks:
        return True
    try:
        client = ip_address(address)
    except ValueError:  # behind a Unix socket there is none
        return False
    return any(client in ip_network(network) for network in key.networks)


def holder_of(secret: str) -> KeyHolder:
    """Whom a key speaks for at a socket, which does not tell the address: a key with an allow-list opens none.

    Raises: AuthenticationFailed, KeyAddressRefused, ScopeMissing.
    """
    key = key_of(secret, "")
    if Scope.READ not in key.scopes:
        raise ScopeMissing(scope=Scope.READ)
    return KeyHolder(key.user_id, key.pk)


def live_keys(ids: Iterable[UUID]) -> set[UUID]:
    """Those of the keys that are still good."""
    live = ApiKey.objects.filter(pk__in=list(ids), revoked_at=None, user__is_active=True)
    return set(live.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now())).values_list("pk", flat=True))


def revoke(keys: QuerySet[ApiKey]) -> int:
    """Revoke those of `keys` that are live, at once; inside a use case. How many there were."""
    ids: list[UUID] = list(keys.filter(revoked_at=None).values_list("pk", flat=True))
    revoked = ApiKey.objects.filter(pk__in=ids, revoked_at=None).update(revoked_at=clock.now())
    if ids:
        transaction.on_commit(lambda: bell.ring_ended(ids))
    return revoked
