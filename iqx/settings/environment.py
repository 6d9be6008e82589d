"""Which kind of deployment this is, and the reader that the other settings modules share."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

__all__ = ["BASE_DIR", "DATA_DIR", "DEBUG", "PRODUCTION"]

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("IQX_DATA_DIR", str(BASE_DIR / ".data"))).resolve()

_kind = env.str("IQX_ENV", "sandbox")
if _kind not in {"sandbox", "production"}:
    raise ImproperlyConfigured(f"IQX_ENV is 'sandbox' or 'production', not {_kind!r}")

# `sandbox` has play money, demo data and generous limits; `production` refuses all of that.
PRODUCTION = _kind == "production"
DEBUG = env.bool("IQX_DEBUG", False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("IQX_DEBUG can't be on in production")
