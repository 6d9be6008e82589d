"""Images: decoded under limits and written anew, so that only pixels remain of what was sent.

Whatever else a file holds (EXIF with the place where it was taken, comments, a second file behind the first) is not
copied. A perceptual hash is taken of what is seen.
"""

import threading
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Final

from PIL import Image, ImageOps

from iqx.core.files.errors import FileTooLarge, FileUnreadable

MAX_PIXELS: Final = 30_000_000
MAX_SIDE: Final = 12_000
KEPT_SIDE: Final = 3_000  # longer sides are scaled down; a receipt is readable well below

FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}

_HASH_SIDE: Final = 16
_DECODING = threading.BoundedSemaphore(2)  # an image takes up to 120 MB while it is decoded


@dataclass(frozen=True, slots=True)
class CleanImage:
    content: bytes
    width: int
    height: int
    dhash: str
    detail: str


def clean(content: bytes, content_type: str) -> CleanImage:
    """The same picture, written anew in its own format, upright and without metadata; of an animation the first frame.

    Raises:
        FileTooLarge: it has too many pixels; they were not decoded.
        FileUnreadable: it is no image of its type after all.
    """
    with _DECODING:
        try:
            return _clean(content, FORMATS[content_type])
        except FileTooLarge:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise FileTooLarge(limit=MAX_PIXELS) from None
        except Exception as error:  # what a decoder makes of hostile bytes is not documented
            raise FileUnreadable from error


def _clean(content: bytes, kind: str) -> CleanImage:
    with Image.open(BytesIO(content), formats=[kind]) as opened:
        if opened.width * opened.height > MAX_PIXELS or max(opened.size) > MAX_SIDE:
            raise FileTooLarge(limit=MAX_PIXELS)
        opened.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
        image = ImageOps.exif_transpose(opened)
    image = image.convert("RGBA" if kind != "JPEG" and image.has_transparency_data else "RGB")
    image.thumbnail((KEPT_SIDE, KEPT_SIDE))
    image.info.clear()
    written = BytesIO()
    image.save(written, kind, quality=88) if kind != "PNG" else image.save(written, kind)
    return CleanImage(written.getvalue(), image.width, image.height, dhash(image, *LOOK), dhash(image, *DETAIL))


def dhash(image: Image.Image, width: int, height: int) -> str:
    """A bit, in hex, for each spot of a grey miniature: whether it is clearly darker than its right neighbour.

    `LOOK` tells layouts apart, but not two receipts of one bank: `DETAIL` does that, since it sees the lines of text.
    Copies that were scaled, recompressed or renamed differ in few bits of either (see `tests/core/files`).
    """
    backed = Image.new("RGB", image.size, "white")
    backed.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    small = backed.convert("L").resize((width + 1, height), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(height):
        for left, right in pairwise(small[row * (width + 1) : (row + 1) * (width + 1)]):
            bits = bits << 1 | (right - left > _CLEARLY)
    return f"{bits:0{width * height // 4}x}"


LOOK: Final = (16, 16)
DETAIL: Final = (64, 128)
_CLEARLY: Final = 8  # of 255: the noise of compression in an even area is less
