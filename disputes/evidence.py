"""Files that parties send as evidence, and what is known of files that look like them."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from disputes.models import DisputeEntry, DisputeFile
from iqx.core import files
from iqx.core.files import Received
from iqx.core.models import StoredFile
from trades.models import Trade

PURPOSE: Final = "dispute_evidence"
_COPIES_KEPT: Final = 10


def take_in(uploads: Iterable[UploadedFile]) -> list[Received]:
    """Examine and store uploads. Call it before the use case. Raises: FileRefused, FileUnreadable, FileTooLarge."""
    return [files.receive(upload) for upload in uploads]


def keep(entry: DisputeEntry, received: Sequence[Received], *, sender_id: UUID) -> None:
    """Write the rows of evidence, with those of its copies that were sent about other trades, inside the use case."""
    for item in received:
        copies = _copies_elsewhere(item, entry.dispute.trade)
        stored = files.keep(item, owner_id=sender_id, purpose=PURPOSE)
        DisputeFile.objects.create(entry=entry, file=stored).copies.set(copies)


def _copies_elsewhere(received: Received, trade: Trade) -> list[StoredFile]:
    here = DisputeFile.objects.filter(entry__dispute__trade=trade).values("file_id")
    copies = files.copies_of(received.examined, purposes=[PURPOSE]).exclude(pk__in=here)
    return list(copies.order_by("pk")[:_COPIES_KEPT])
