"""Where the blobs are: the storage alias `private`; each has a random name, and is encrypted before it is stored."""

from datetime import UTC, datetime
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from iqx.core import clock
from iqx.core.crypto import seal_bytes, unseal_bytes

_PURPOSE = "file"


def private() -> Storage:
    return storages["private"]


def put(content: bytes) -> str:
    """Store `content`; the name that it got, in a folder of the day."""
    name = f"{folder_of(clock.now())}/{uuid4().hex}"
    return private().save(name, ContentFile(seal_bytes(content, purpose=_PURPOSE)))


def get(name: str) -> bytes:
    """Raises FileNotFoundError."""
    with private().open(name) as blob:
        return unseal_bytes(blob.read(), purpose=_PURPOSE)


def folder_of(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")
