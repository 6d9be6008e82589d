"""Secrets, passwords, tokens, cookies and browser headers."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from iqx.settings.environment import PRODUCTION, env
from iqx.settings.platform import PUBLIC_URL

__all__ = [
    "ADMIN_HOST",
    "ADMIN_PATH",
    "ADMIN_PROOF_SECONDS",
    "ADMIN_SESSION_SECONDS",
    "ALLOWED_HOSTS",
    "AUTH_PASSWORD_VALIDATORS",
    "AUTH_USER_MODEL",
    "CONTENT_SECURITY_POLICY",
    "CSRF_COOKIE_HTTPONLY",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "CSRF_FAILURE_VIEW",
    "CSRF_TRUSTED_ORIGINS",
    "ENCRYPTION_KEYS",
    "LOGIN_URL",
    "PASSKEY_ORIGINS",
    "PASSKEY_RP_ID",
    "PASSWORD_HASHERS",
    "SECRET_KEY",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "SECURE_REFERRER_POLICY",
    "SECURE_SSL_REDIRECT",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "SESSION_ENGINE",
    "SILENCED_SYSTEM_CHECKS",
    "SIMPLE_JWT",
    "STAFF_NEEDS_SECOND_FACTOR",
    "TRUSTED_PROXIES",
    "X_FRAME_OPTIONS",
]

_SANDBOX_SECRET = "sandbox-only-secret-key-that-production-refuses-to-start-with-0000"  # noqa: S105
SECRET_KEY = env.str("IQX_SECRET_KEY", _SANDBOX_SECRET)
if PRODUCTION and (SECRET_KEY == _SANDBOX_SECRET or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured("Production needs IQX_SECRET_KEY: at least 50 random characters")

# What seals private data at rest, newest first; see iqx.core.crypto. The sandbox makes do with its one secret.
ENCRYPTION_KEYS: list[str] = env.list("IQX_ENCRYPTION_KEYS", [] if PRODUCTION else [SECRET_KEY])
if PRODUCTION and (not ENCRYPTION_KEYS or min(map(len, ENCRYPTION_KEYS)) < 50 or SECRET_KEY in ENCRYPTION_KEYS):
    raise ImproperlyConfigured(
        "Production needs IQX_ENCRYPTION_KEYS: at least 50 random characters, not IQX_SECRET_KEY"
    )

ALLOWED_HOSTS = env.list("IQX_ALLOWED_HOSTS", [] if PRODUCTION else ["*"])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Production needs IQX_ALLOWED_HOSTS: the names it is reached by")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("IQX_TRUSTED_ORIGINS", [])

# How many reverse proxies in front append to X-Forwarded-For; 0 trusts the peer address alone.
TRUSTED_PROXIES = env.int("IQX_TRUSTED_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Whether who is staff counts as staff only with a second factor.
STAFF_NEEDS_SECOND_FACTOR = env.bool("IQX_STAFF_SECOND_FACTOR", PRODUCTION)

# Passkeys belong to a domain, and are used from its pages. An address is no domain: a sandbox on one is `localhost`, at
# whatever port (`:*`, which production does not take).
_SITE = urlsplit(PUBLIC_URL)
_IS_LOCAL = not PRODUCTION and _SITE.hostname in {"127.0.0.1", "localhost"}
PASSKEY_RP_ID = env.str("IQX_PASSKEY_DOMAIN", "") or ("localhost" if _IS_LOCAL else _SITE.hostname or "")
PASSKEY_ORIGINS: list[str] = env.list("IQX_PASSKEY_ORIGINS", []) or (
    ["http://localhost:*", "http://127.0.0.1:*"] if _IS_LOCAL else [f"{_SITE.scheme}://{_SITE.netloc}"]
)
if PRODUCTION and any("*" in origin for origin in PASSKEY_ORIGINS):
    raise ImproperlyConfigured("IQX_PASSKEY_ORIGINS are exact in production")

# Where the admin is: its path, and, if it has one of its own, its host. How long an idle session lasts there, and how
# long ago who moves money may have logged in.
ADMIN_PATH = env.str("IQX_ADMIN_PATH", "admin").strip("/")
ADMIN_HOST = env.str("IQX_ADMIN_HOST", "")
ADMIN_SESSION_SECONDS = env.int("IQX_ADMIN_SESSION_SECONDS", 30 * 60)
ADMIN_PROOF_SECONDS = env.int("IQX_ADMIN_PROOF_SECONDS", 15 * 60)
if not ADMIN_PATH or ADMIN_PATH.split("/")[0] in {"api", "ws", "static"}:
    raise ImproperlyConfigured("IQX_ADMIN_PATH must be a path of its own")

SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("IQX_ACCESS_TOKEN_SECONDS", 900)),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "AUDIENCE": "iqx",
    "ISSUER": "iqx",
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# The prefix makes browsers refuse a cookie that a neighbouring subdomain, or somebody without TLS, would plant.
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrftoken"
CSRF_FAILURE_VIEW = "iqx.web.views.csrf_failed"
LOGIN_URL = "web:login"
SESSION_ENGINE = "accounts.browser_sessions"  # Django's own in the database; log-out closes sockets, too
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("IQX_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],  # staff's pages and the API's documents need more: iqx.web.middleware
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
