"""Quotas, counted exactly: of a limit of 20, twenty get through, however many clients and processes race.

One statement both asks and takes: a Lua script in Redis, or an upsert in PostgreSQL where there is no Redis or while it
is away. (DRF's own throttles read, then write, and let several times the limit through.) A window begins with the
first request in it. What does not fit is refused whole and costs nothing.
"""

import logging
import time
from dataclasses import dataclass
from functools import cache
from typing import cast

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from iqx.core import clock
from iqx.core.models import QuotaCounter

logger = logging.getLogger(__name__)

REDIS_TIMEOUT_S = 0.25
REDIS_REST_S = 5.0  # after a failure, how long PostgreSQL counts alone


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `limit` units in `window_s` seconds."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What is left after a request that was `granted` or not."""

    policy: Policy
    granted: bool
    remaining: int
    resets_in_s: int


@cache
def _parse(name: str, text: str) -> Policy:
    limit, _, window_s = text.partition("/")
    return Policy(name, int(limit), int(window_s))


def policy_named(name: str) -> Policy:
    return _parse(name, settings.RATE_LIMITS[name])


def spend(policy: Policy, who: str, cost: int = 1) -> Usage:
    """Take `cost` units from what `who` has left under `policy`, if it is that much.

    Call it outside of any transaction: a rollback would give the units back.
    """
    key = f"{policy.name}:{who}"
    if settings.REDIS_URL and time.monotonic() >= _redis_rests_until:
        try:
            return _spend_in_redis(policy, key, cost)
        except redis.RedisError as error:
            _rest_redis(error)
    return _spend_in_postgres(policy, key, cost)


def purge() -> int:
    """Delete counters whose window is over; returns how many."""
    deleted, _ = QuotaCounter.objects.filter(resets_at__lt=clock.now()).delete()
    return deleted


_SPEND_IN_REDIS = """
local cost, limit, window_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used, left_ms = tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])
if left_ms <= 0 then
    used, left_ms = 0, window_ms
end
if used + cost > limit then
    return {0, used, left_ms}
end
redis.call('SET', KEYS[1], used + cost, 'PX', left_ms)
return {1, used + cost, left_ms}
"""

_redis_rests_until = 0.0


@cache
def _script(url: str) -> Script:
    client = redis.Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )
    return client.register_script(_SPEND_IN_REDIS)


def _rest_redis(error: redis.RedisError) -> None:
    global _redis_rests_until  # noqa: PLW0603
    _redis_rests_until = time.monotonic() + REDIS_REST_S
    logger.warning("Redis does not answer; PostgreSQL counts the quotas for %s s: %s", REDIS_REST_S, error)


def _spend_in_redis(policy: Policy, key: str, cost: int) -> Usage:
    answer = _script(settings.REDIS_URL)(keys=[f"iqx:quota:{key}"], args=[cost, policy.limit, policy.window_s * 1000])
    granted, used, left_ms = cast("list[int]", answer)
    return Usage(policy, bool(granted), max(0, policy.limit - used), max(1, -(-left_ms // 1000)))


_SPEND_IN_POSTGRES = """
INSERT INTO core_quotacounter AS q (key, used, resets_at)
SELECT %(key)s, %(cost)s, clock_timestamp() + %(window_s)s * interval '1 second'
WHERE %(cost)s <= %(limit)s
ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN q.resets_at <= clock_timestamp() THEN excluded.used ELSE q.used + excluded.used END,
    resets_at = CASE WHEN q.resets_at <= clock_timestamp() THEN excluded.resets_at ELSE q.resets_at END
WHERE q.resets_at <= clock_timestamp() OR q.used + excluded.used <= %(limit)s
RETURNING used, ceil(extract(epoch FROM resets_at - clock_timestamp()))::int
"""

_READ_FROM_POSTGRES = """
SELECT used, ceil(extract(epoch FROM resets_at - clock_timestamp()))::int
FROM core_quotacounter WHERE key = %s AND resets_at > clock_timestamp()
"""


def _spend_in_postgres(policy: Policy, key: str, cost: int) -> Usage:
    with connection.cursor() as cursor:
        cursor.execute(
            _SPEND_IN_POSTGRES,
            {"key": key, "cost": cost, "limit": policy.limit, "window_s": policy.window_s},
        )
        row = cursor.fetchone()
        granted = row is not None
        if row is None:
            cursor.execute(_READ_FROM_POSTGRES, [key])
            row = cursor.fetchone() or (0, policy.window_s)
    used, resets_in_s = row
    return Usage(policy, granted, max(0, policy.limit - used), max(1, resets_in_s))
