"""What an upload really is: its name and what the client says of it count for nothing."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

import filetype

from iqx.core.files import documents, images
from iqx.core.files.errors import FileRefused, FileTooLarge, FileUnreadable

MAX_BYTES: Final = 10 * 1024 * 1024
PDF: Final = "application/pdf"

_IMAGE_NAMES: Final = frozenset({"jpg", "jpeg", "png", "webp"})  # apps that rename one as another are common
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", PDF: "pdf"}
_UNFIT = re.compile(r"[^\w .()\-]+")


@dataclass(frozen=True, slots=True)
class Examined:
    """What is kept of an upload. `sha256` is of the bytes that were sent."""

    name: str
    content_type: str
    content: bytes
    sha256: str
    width: int | None = None
    height: int | None = None
    dhash: str = ""
    detail: str = ""


def examine(content: bytes, name: str) -> Examined:
    """Find out what was sent and clean it.

    Raises:
        FileRefused: it is of no accepted kind, or its name says another one.
        FileTooLarge, FileUnreadable
    """
    if len(content) > MAX_BYTES:
        raise FileTooLarge(limit=MAX_BYTES)
    if not content:
        raise FileUnreadable("The file is empty.")
    content_type = filetype.guess_mime(content[:4096])
    if content_type not in _ENDINGS or not _name_fits(name, content_type):
        raise FileRefused
    sha256 = hashlib.sha256(content).hexdigest()
    kept_name = _clean_name(name, _ENDINGS[content_type])
    if content_type == PDF:
        documents.check(content)
        return Examined(kept_name, content_type, content, sha256)
    image = images.clean(content, content_type)
    seen = (image.width, image.height, image.dhash, image.detail)
    return Examined(kept_name, content_type, image.content, sha256, *seen)


def _name_fits(name: str, content_type: str) -> bool:
    """Without an ending a name says nothing; with one it must not say that the file is something else."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        return True
    return ending.lower() in ({"pdf"} if content_type == PDF else _IMAGE_NAMES)


def _clean_name(name: str, ending: str) -> str:
    stem = name.rpartition(".")[0] or name
    return f"{_UNFIT.sub('_', stem).strip(' ._')[:80] or 'file'}.{ending}"
