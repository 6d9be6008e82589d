"""Whether this process can do its work: what it stands on, asked one by one."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

TIMEOUT_S = 1.0


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _channel_layer() -> None:
    """The in-memory layer is always there; the other one is Redis."""
    if settings.REDIS_URL:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        ) as client:
            client.ping()


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "channel_layer": _channel_layer}


def check() -> dict[str, str]:
    """`ok` or `failed` for each thing; why it failed is for the log, not for strangers."""
    return {name: _outcome(name, ask) for name, ask in CHECKS.items()}


def _outcome(name: str, ask: Callable[[], None]) -> str:
    try:
        ask()
    except (DatabaseError, redis.RedisError) as error:
        logger.warning("Not ready, %s: %s", name, error)
        return "failed"
    return "ok"
