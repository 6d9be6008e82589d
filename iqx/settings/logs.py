"""Logging: JSON in production, lines to read elsewhere; each with what it is about, and without secrets."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from iqx.settings.environment import PRODUCTION, env

__all__ = ["ACCESS_LOG", "LOGGING", "SLOW_REQUEST_MS"]

_FORMAT = env.str("IQX_LOG_FORMAT", "json" if PRODUCTION else "text")
if _FORMAT not in {"json", "text"}:
    raise ImproperlyConfigured(f"IQX_LOG_FORMAT is 'json' or 'text', not {_FORMAT!r}")

# A line for every request; a proxy in front usually has that already.
ACCESS_LOG = env.bool("IQX_ACCESS_LOG", False)
# A request that takes longer is logged in any case; 0 turns that off.
SLOW_REQUEST_MS = env.int("IQX_SLOW_REQUEST_MS", 1000)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "context": {"()": "iqx.core.logs.ContextFilter"},
        "told_already": {"()": "iqx.core.logs.ToldAlready"},
    },
    "formatters": {
        "text": {
            "()": "iqx.core.logs.LineFormatter",
            "format": "{asctime} {levelname:<7} {name} [{context}] {message}",
            "style": "{",
        },
        "json": {"()": "iqx.core.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _FORMAT, "filters": ["context"]}},
    "root": {"handlers": ["console"], "level": env.str("IQX_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR", "filters": ["told_already"]},  # refusals are the business of clients
        "daphne": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "psycopg.pool": {"level": "ERROR"},  # it warns of every attempt to reconnect
    },
}
