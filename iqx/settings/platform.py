"""What the platform itself may be told: money rules, limits, rate limits, e-mail."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from iqx.settings.environment import PRODUCTION, env

__all__ = [
    "DAILY_LIMITS",
    "DEFAULT_FROM_EMAIL",
    "DEMO_TRADERS",
    "EMAIL_BACKEND",
    "EMAIL_HOST",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_HOST_USER",
    "EMAIL_PORT",
    "EMAIL_TIMEOUT",
    "EMAIL_USE_TLS",
    "FCM_CREDENTIALS",
    "FCM_URL",
    "MAX_LIVE_ORDERS",
    "PAYMENT_CAPS",
    "PRICE_FEED",
    "PRIVATE_TARGETS",
    "PUBLIC_URL",
    "RATE_LIMITS",
    "RATE_LIMITS_ON",
    "REQUIRE_VERIFIED_EMAIL",
    "TRADE_CHAT_SECONDS",
    "TRADE_CLOCKS",
    "TWILIO",
    "VAPID_CONTACT",
    "VAPID_PRIVATE_KEY",
    "WITHDRAWAL_FEE",
    "WITHDRAWAL_HOLD_HOURS",
]

RATE_LIMITS_ON = env.str("IQX_RATE_LIMITS", "on") != "off"
if PRODUCTION and not RATE_LIMITS_ON:
    raise ImproperlyConfigured("IQX_RATE_LIMITS=off is for load tests; production refuses it")

# Quota name -> "<requests>/<seconds>". Logins count per address, the others per user (or address, unauthenticated).
RATE_LIMITS: dict[str, str] = {
    "login": env.str("IQX_RATE_LOGIN", "60/60"),
    "register": env.str("IQX_RATE_REGISTER", "60/60"),
    "orders": env.str("IQX_RATE_ORDERS", "1200/60"),
    "writes": env.str("IQX_RATE_WRITES", "600/60"),
    "reads": env.str("IQX_RATE_READS", "3000/60"),
}

DEMO_TRADERS = env.bool("IQX_DEMO_TRADERS", not PRODUCTION)
PUBLIC_URL = env.str("IQX_PUBLIC_URL", "") or "http://127.0.0.1:" + str(env.int("PORT", 8000))

# Whether webhooks may be posted to private addresses, by http and to any port: to try them on one machine.
PRIVATE_TARGETS = env.bool("IQX_WEBHOOKS_TO_PRIVATE", False)
if PRODUCTION and PRIVATE_TARGETS:
    raise ImproperlyConfigured("IQX_WEBHOOKS_TO_PRIVATE is for trying them out; production refuses it")
REQUIRE_VERIFIED_EMAIL = env.bool("IQX_REQUIRE_VERIFIED_EMAIL", PRODUCTION)

# USDT a day, by KYC level. The sandbox is generous, so that it can be tried.
DAILY_LIMITS: dict[int, dict[str, Decimal]] = (
    {
        0: {"deposit": Decimal(1_000), "trade": Decimal(1_000), "withdrawal": Decimal(500)},
        1: {"deposit": Decimal(20_000), "trade": Decimal(20_000), "withdrawal": Decimal(10_000)},
        2: {"deposit": Decimal(1_000_000), "trade": Decimal(1_000_000), "withdrawal": Decimal(200_000)},
    }
    if PRODUCTION
    else {
        level: {
            "deposit": Decimal(1_000_000),
            "trade": Decimal(100_000) * 10**level,
            "withdrawal": Decimal(1_000_000),
        }
        for level in range(3)
    }
)
# What floating orders follow, beside staff: JSON over HTTP, asked every so often. A price is good for `max_age_s`; one
# that is farther than `max_jump` (a share) from the last is not believed.
PRICE_FEED: dict[str, Any] = {
    "url": env.str("IQX_PRICE_FEED_URL", ""),
    "price_field": env.str("IQX_PRICE_FEED_PRICE", "price"),
    "time_field": env.str("IQX_PRICE_FEED_TIME", ""),
    "every_s": env.int("IQX_PRICE_FEED_EVERY_SECONDS", 10),
    "max_age_s": env.int("IQX_PRICE_FEED_MAX_AGE_SECONDS", 120),
    "max_jump": Decimal(env.str("IQX_PRICE_FEED_MAX_JUMP", "0.1")),
}
# Whoever fills a book with orders makes all matching slower; nobody needs to have more.
MAX_LIVE_ORDERS = env.int("IQX_MAX_LIVE_ORDERS", 1000)

# USDT that one order may have which names a payment method, by the method's risk class. Low: what the market permits.
PAYMENT_CAPS: dict[str, Decimal | None] = {
    "low": None,
    "medium": Decimal(env.str("IQX_PAYMENT_CAP_MEDIUM", "10000")),
    "high": Decimal(env.str("IQX_PAYMENT_CAP_HIGH", "2000")),
}

WITHDRAWAL_FEE = Decimal(env.str("IQX_WITHDRAWAL_FEE", "1"))
# How long withdrawals are held after a change of the password or of the second factor.
WITHDRAWAL_HOLD_HOURS = env.int("IQX_WITHDRAWAL_HOLD_HOURS", 24 if PRODUCTION else 0)

# Seconds: how long an unpaid trade's escrow outlives its deadline, how long a seller has to release before he is
# reminded (and again before a dispute opens), and how long staff have for a dispute before it is escalated.
TRADE_CLOCKS = {
    "grace": env.int("IQX_TRADE_GRACE_SECONDS", 15 * 60),
    "release": env.int("IQX_TRADE_RELEASE_SECONDS", 30 * 60),
    "dispute": env.int("IQX_TRADE_DISPUTE_SECONDS", 24 * 60 * 60),
}

# Seconds after the end of a trade in which its parties may still write to each other.
TRADE_CHAT_SECONDS = env.int("IQX_TRADE_CHAT_SECONDS", 72 * 60 * 60)

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if env.str("EMAIL_HOST", "") else "iqx.core.mail.ConsoleBackend"
)
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("IQX_FROM_EMAIL", "IQX <no-reply@iqx.example>")

# SMS by Twilio; `sender` is a number, or the id of a messaging service (MG...).
TWILIO = {
    "url": env.str("IQX_TWILIO_URL", "https://api.twilio.com"),
    "account": env.str("IQX_TWILIO_ACCOUNT", ""),
    "token": env.str("IQX_TWILIO_TOKEN", ""),
    "sender": env.str("IQX_TWILIO_SENDER", ""),
}
# Push to apps by FCM: a service account's key file, as JSON. To browsers by Web Push: a P-256 private key, base64url.
FCM_CREDENTIALS = env.str("IQX_FCM_CREDENTIALS", "")
FCM_URL = env.str("IQX_FCM_URL", "https://fcm.googleapis.com")
VAPID_PRIVATE_KEY = env.str("IQX_VAPID_PRIVATE_KEY", "")
VAPID_CONTACT = env.str("IQX_VAPID_CONTACT", "no-reply@iqx.example")
