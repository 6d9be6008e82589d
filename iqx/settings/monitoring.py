"""Who may look at the platform's health and numbers, and how often the expensive ones are made."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from iqx.settings.environment import DATA_DIR, PRODUCTION, env

__all__ = [
    "LEDGER_AUDIT_SECONDS",
    "METRICS_DIR",
    "MONITOR_TOKEN",
    "OTLP_ENDPOINT",
    "RETAIN_DAYS",
    "SENTRY_DSN",
    "SENTRY_TRACES",
]

# Opens /metrics and /api/monitor to whoever sends it as a bearer token; without it, only admins are let in.
MONITOR_TOKEN = env.str("IQX_MONITOR_TOKEN", "")
if PRODUCTION and 0 < len(MONITOR_TOKEN) < 32:
    raise ImproperlyConfigured("IQX_MONITOR_TOKEN has at least 32 random characters, or is not set")

# Where the processes of one machine count together.
METRICS_DIR = Path(env.str("IQX_METRICS_DIR", "") or DATA_DIR / "metrics")

# How often a worker proves that the books balance.
LEDGER_AUDIT_SECONDS = env.int("IQX_LEDGER_AUDIT_SECONDS", 3600)

# Where errors and traces are sent, with `pip install iqx[telemetry]`; empty: nowhere.
SENTRY_DSN = env.str("IQX_SENTRY_DSN", "")
SENTRY_TRACES = float(env.str("IQX_SENTRY_TRACES", "0"))  # share of the requests that Sentry gets a trace of
OTLP_ENDPOINT = env.str("IQX_OTLP_ENDPOINT", "")

# Days that things are kept which would grow for ever; 0 keeps them.
RETAIN_DAYS = {
    "jobs": env.int("IQX_RETAIN_JOBS_DAYS", 30),
    "alerts": env.int("IQX_RETAIN_ALERTS_DAYS", 365),
    "events": env.int("IQX_RETAIN_EVENTS_DAYS", 400),
    "chats": env.int("IQX_RETAIN_CHATS_DAYS", 5 * 365 + 1),  # after the trade's end
}
# Webhooks and the feed go on from events for days; a trade can be disputed for weeks after its end.
for _kind, _least in (("events", 30), ("chats", 180)):
    if 0 < RETAIN_DAYS[_kind] < _least:
        raise ImproperlyConfigured(f"IQX_RETAIN_{_kind.upper()}_DAYS is at least {_least}, or 0 to keep them")
