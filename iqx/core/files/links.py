"""Links to files: signed, bound to one file, good for some minutes. Who may get one is decided where they are shown.

A link that is shown to a member of staff names him, so that the audit trail knows who opened the file.
"""

import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core import signing

from iqx.core import audit
from iqx.core.errors import NotFound
from iqx.core.files.errors import LinkExpired
from iqx.core.models import StoredFile
from iqx.core.transactions import use_case

PREFIX: Final = "/api/v1/files/"
GOOD_FOR_S: Final = 300  # at least, and at most twice that: links made in the same window are the same

_signer = signing.Signer(salt="iqx.core.files", sep=".")


def link(file: StoredFile) -> str:
    """The address of a file on this server, for the reader of what it belongs to."""
    expires = (int(time.time()) // GOOD_FOR_S + 2) * GOOD_FOR_S
    reader = audit.reader()
    parts = [file.id.hex, f"{expires:x}", *([reader.hex] if reader else [])]
    return PREFIX + _signer.sign(".".join(parts))


def file_of(token: str) -> tuple[StoredFile, UUID | None]:
    """The file that a link leads to, and the member of staff to whom the link was shown, if it was one.

    Raises: NotFound for a forged link, LinkExpired.
    """
    try:
        file_id, expires, *reader = _signer.unsign(token).split(".")
    except signing.BadSignature:
        raise NotFound from None
    if int(expires, 16) <= time.time():
        raise LinkExpired
    file = StoredFile.objects.filter(pk=UUID(file_id)).first()
    if file is None:
        raise NotFound
    return file, UUID(reader[0]) if reader else None


@use_case
def note_reading(*, file: StoredFile, reader_id: UUID) -> None:
    """Write into the audit trail that a member of staff opens a file."""
    audit.record(
        "file_read",
        actor=_Reader(reader_id),
        subject=("file", file.pk),
        user_id=file.owner_id,
        after={"purpose": file.purpose, "content_type": file.content_type},
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who follows a link: staff when it was shown to him, in whatever role."""

    pk: UUID
    role: str = ""


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
