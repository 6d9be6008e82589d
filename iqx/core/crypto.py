"""Private data at rest: sealed in the database, readable only with the keys from the environment.

`IQX_ENCRYPTION_KEYS` names the keys, newest first: the first one seals, all of them open, so keys are rotated by
putting a new one in front. A sealed value is bound to its purpose: what was sealed as a payment account's fields is
not taken for a webhook's secret. Fernet (AES-128-CBC with HMAC-SHA256) does the work.
"""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Sealed(RuntimeError):
    """A value can't be opened: none of the keys sealed it for this purpose. A fault of the configuration."""


def seal(value: Any, *, purpose: str) -> str:  # noqa: ANN401 any JSON value
    """Encrypt a JSON value for the database."""
    return _box(purpose).encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: str, *, purpose: str) -> Any:  # noqa: ANN401 any JSON value
    """Decrypt what `seal` made for the same purpose.

    Raises:
        Sealed: no key fits.
    """
    try:
        return json.loads(_box(purpose).decrypt(sealed.encode()))
    except InvalidToken as error:
        raise Sealed(f"No key of IQX_ENCRYPTION_KEYS opens this {purpose}") from error


def seal_bytes(content: bytes, *, purpose: str) -> bytes:
    """Encrypt the content of a file."""
    return _box(purpose).encrypt(content)


def unseal_bytes(sealed: bytes, *, purpose: str) -> bytes:
    """Decrypt what `seal_bytes` made for the same purpose.

    Raises:
        Sealed: no key fits.
    """
    try:
        return _box(purpose).decrypt(sealed)
    except InvalidToken as error:
        raise Sealed(f"No key of IQX_ENCRYPTION_KEYS opens this {purpose}") from error


def mac(content: str, *, purpose: str) -> str:
    """A code that only who has the newest key can make for `content`."""
    return _macs(content, purpose)[0]


def mac_fits(content: str, code: str, *, purpose: str) -> bool:
    """Whether `mac` made this code for `content`, with any of the keys."""
    return any(hmac.compare_digest(code, made) for made in _macs(content, purpose))


def _macs(content: str, purpose: str) -> list[str]:
    return [
        hashlib.blake2b(
            content.encode(),
            digest_size=32,
            key=hashlib.blake2b(key.encode(), digest_size=32, person=b"iqx mac").digest(),
            salt=_salt(purpose),
        ).hexdigest()
        for key in settings.ENCRYPTION_KEYS
    ]


def _box(purpose: str) -> MultiFernet:
    return _box_of(purpose, tuple(settings.ENCRYPTION_KEYS))


@cache
def _box_of(purpose: str, keys: tuple[str, ...]) -> MultiFernet:
    """The keys of one purpose, each derived from one of `keys`, which are long random texts."""
    derived = (hashlib.blake2b(key.encode(), digest_size=32, person=b"iqx seal", salt=_salt(purpose)) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key.digest())) for key in derived])


def _salt(purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), digest_size=16).digest()
