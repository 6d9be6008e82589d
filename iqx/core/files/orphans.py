"""Blobs that no row points to: their use case refused, or its process died."""

from datetime import timedelta
from typing import Final

from iqx.core import clock
from iqx.core.files import storage
from iqx.core.models import StoredFile

_IN_THE_MAKING: Final = timedelta(hours=1)  # far longer than any request between its blob and its row
_DAYS: Final = 7  # of folders looked through: a worker may be away for that long


def sweep() -> int:
    """Delete orphans of the last days; returns how many."""
    now = clock.now()
    return sum(_sweep_folder(storage.folder_of(now - timedelta(days=days))) for days in range(_DAYS))


def _sweep_folder(folder: str) -> int:
    private = storage.private()
    try:
        names = {f"{folder}/{name}" for name in private.listdir(folder)[1]}
    except FileNotFoundError:
        return 0
    kept = set(StoredFile.objects.filter(blob__startswith=f"{folder}/").values_list("blob", flat=True))
    orphans = [name for name in names - kept if private.get_modified_time(name) < clock.now() - _IN_THE_MAKING]
    for name in orphans:
        private.delete(name)
    return len(orphans)
