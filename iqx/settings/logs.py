"""Logging: one readable line per record, with the id of the request that it belongs to."""

from typing import Any

from iqx.settings.environment import env

__all__ = ["LOGGING"]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "iqx.core.logs.RequestIdFilter"}},
    "formatters": {
        "line": {
            "format": "{asctime} {levelname:<7} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.str("IQX_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # refusals are the business of clients
        "daphne": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "psycopg.pool": {"level": "ERROR"},  # it warns of every attempt to reconnect
    },
}
