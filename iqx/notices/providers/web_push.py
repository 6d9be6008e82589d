"""Web Push (RFC 8030, 8291, 8292): encrypted for the browser, signed with our VAPID key.

The address is the user's word, so it is posted to as carefully as a webhook is.
"""

import base64
import json
import time
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from django.conf import settings
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from iqx.notices import outbound
from iqx.notices.outcomes import Failed, Parcel, Refused

_KEPT_S = 24 * 60 * 60
_SIGNED_FOR_S = 12 * 60 * 60
_LONGEST_BODY = 1000  # characters; a message has to fit into 4 kB


def public_key() -> str | None:
    """What a browser subscribes with (`applicationServerKey`); None if there is no Web Push here."""
    if not settings.VAPID_PRIVATE_KEY:
        return None
    point = _key(settings.VAPID_PRIVATE_KEY).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


@cache
def _key(private_key: str) -> Vapid02:
    return Vapid02.from_string(private_key)


def encrypted(address: dict[str, object], message: bytes) -> bytes:
    """For that browser alone. Raises: Refused: its keys are none."""
    try:
        return bytes(WebPusher(address).encode(message)["body"])
    except (WebPushException, ValueError) as error:
        raise Refused("The keys of the subscription are not valid.", gone=True) from error


def send(parcel: Parcel) -> str:
    """A repeat replaces what it repeats: on the way by its Topic, on the screen by its tag."""
    endpoint = str(parcel.to["endpoint"])
    text = parcel.text
    message = {"title": text.title, "body": text.body[:_LONGEST_BODY], "link": parcel.link, "tag": str(parcel.id)}
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": str(int(time.time()) + _SIGNED_FOR_S),
        "sub": f"mailto:{settings.VAPID_CONTACT}",
    }
    headers: dict[bytes | str, bytes | str] = {
        **_key(settings.VAPID_PRIVATE_KEY).sign(claims),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(_KEPT_S),
        "urgency": "high" if parcel.urgent else "normal",
        "topic": parcel.id.hex,
    }
    answer = outbound.post(endpoint, encrypted(parcel.to, json.dumps(message).encode()), headers)
    if answer.is_good:
        return f"HTTP {answer.status}"
    if answer.status in {404, 410}:
        raise Refused(f"HTTP {answer.status}: the browser has unsubscribed.", gone=True)
    if answer.status in {400, 413}:
        raise Refused(f"HTTP {answer.status}")
    raise Failed(f"HTTP {answer.status}", retry_after_s=answer.retry_after_s)
