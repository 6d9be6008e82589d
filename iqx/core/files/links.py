"""Links to files: signed, bound to one file, good for some minutes. Who may get one is decided where they are shown."""

import time
from typing import Any, Final
from uuid import UUID

from django.core import signing

from iqx.core.errors import NotFound
from iqx.core.files.errors import LinkExpired
from iqx.core.models import StoredFile

PREFIX: Final = "/api/v1/files/"
GOOD_FOR_S: Final = 300  # at least, and at most twice that: links made in the same window are the same

_signer = signing.Signer(salt="iqx.core.files", sep=".")


def link(file: StoredFile) -> str:
    """The address of a file on this server, for the reader of what it belongs to."""
    expires = (int(time.time()) // GOOD_FOR_S + 2) * GOOD_FOR_S
    return PREFIX + _signer.sign(f"{file.id.hex}.{expires:x}")


def file_of(token: str) -> StoredFile:
    """The file that a link leads to.

    Raises: NotFound for a forged link, LinkExpired.
    """
    try:
        file_id, _, expires = _signer.unsign(token).partition(".")
    except signing.BadSignature:
        raise NotFound from None
    if int(expires, 16) <= time.time():
        raise LinkExpired
    file = StoredFile.objects.filter(pk=UUID(file_id)).first()
    if file is None:
        raise NotFound
    return file


def file_json(file: StoredFile) -> dict[str, Any]:
    """A file as those who may read it see it; `url` is good for some minutes."""
    return {
        "id": str(file.id),
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "url": link(file),
    }
