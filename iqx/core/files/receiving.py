"""Taking an upload in, in two steps: the blob first, then the row with what it belongs to."""

from dataclasses import dataclass
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from iqx.core import clock
from iqx.core.files import storage
from iqx.core.files.errors import FileTooLarge
from iqx.core.files.examining import MAX_BYTES, Examined, examine
from iqx.core.models import StoredFile


@dataclass(frozen=True, slots=True)
class Received:
    """An upload whose blob is stored and that no row knows of yet."""

    examined: Examined
    blob: str


def receive(upload: UploadedFile) -> Received:
    """Examine, clean and store an upload. Call it before the use case: it takes a while and needs no lock.

    Raises: FileRefused, FileUnreadable, FileTooLarge.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise FileTooLarge(limit=MAX_BYTES)
    upload.seek(0)
    examined = examine(upload.read(), upload.name or "")
    return Received(examined, storage.put(examined.content))


def keep(received: Received, *, owner_id: UUID, purpose: str) -> StoredFile:
    """Write the row of a received file, inside the use case to which it belongs. `purpose` names what it is for."""
    examined = received.examined
    return StoredFile.objects.create(
        owner_id=owner_id,
        purpose=purpose,
        blob=received.blob,
        name=examined.name,
        content_type=examined.content_type,
        size=len(examined.content),
        sha256=examined.sha256,
        width=examined.width,
        height=examined.height,
        dhash=examined.dhash,
        detail=examined.detail,
        created_at=clock.now(),
    )


def content_of(file: StoredFile) -> bytes:
    """Raises FileNotFoundError if the storage has lost it."""
    return storage.get(file.blob)
