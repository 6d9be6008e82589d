"""PostgreSQL (the only database, in every mode), Redis and the channel layer."""

from typing import Any

import dj_database_url

from iqx.runtime import embedded
from iqx.settings.environment import DATA_DIR, env

__all__ = ["CHANNEL_LAYERS", "DATABASES", "DATABASE_IS_EMBEDDED", "REDIS_URL"]

DATABASE_IS_EMBEDDED = not env.str("DATABASE_URL", "")

# A lock that can't be had in this time becomes a 503 with Retry-After, never a hanging request.
LOCK_TIMEOUT_MS = env.int("IQX_LOCK_TIMEOUT_MS", 4000)

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(env.str("DATABASE_URL", "") or embedded.dsn(DATA_DIR)),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        # A pool, since persistent connections leak under ASGI, where threads come and go.
        "pool": {
            "min_size": env.int("IQX_DB_POOL_MIN", 1),
            "max_size": env.int("IQX_DB_POOL_MAX", 16),
            "timeout": 10,
        },
        # Statements of the hot paths are prepared when they come again, and planned once, not for each set of values
        # (see iqx.core.hot). Off for a pooler that can't.
        "prepare_threshold": 1 if env.bool("IQX_DB_PREPARE", True) else None,
        "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000"
        " -c plan_cache_mode=force_generic_plan",
    }
)

REDIS_URL = env.str("REDIS_URL", "")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "iqx"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
