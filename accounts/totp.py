"""Time-based one-time passwords (RFC 6238 on RFC 4226): six digits of HMAC-SHA1 over steps of 30 seconds.

SHA-1, six digits and 30 seconds are what every authenticator app takes, whatever else the URI says.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote, urlencode

from iqx.core import clock

ISSUER: Final = "IQX"
DIGITS: Final = 6
STEP_S: Final = 30
DRIFT_STEPS: Final = 1  # a clock that is this many steps off, either way, is near enough


def new_secret() -> str:
    """160 bits, as RFC 4226 recommends, in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def current_step() -> int:
    return int(clock.now().timestamp()) // STEP_S


def step_of(secret: str, code: str) -> int | None:
    """The time step, about now, that `code` belongs to; None if it is wrong."""
    now = current_step()
    steps = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    matching = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return matching[-1] if matching else None


def otpauth_uri(secret: str, account: str) -> str:
    """What the QR code says to an authenticator app."""
    query = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": STEP_S})
    return f"otpauth://totp/{ISSUER}:{quote(account)}?{query}"
