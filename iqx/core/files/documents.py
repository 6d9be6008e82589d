"""PDF documents: kept as they are, so only what is plainly a document and nothing else besides."""

import re
from typing import Final

from iqx.core.files.errors import FileUnreadable

_BEGINS = re.compile(rb"%PDF-[12]\.[0-9]")
_ENDS = re.compile(rb"startxref\s+[0-9]{1,10}\s+%%EOF\s*\Z")
_TAIL: Final = 2048
# Names that start something when the document is opened. An escaped name (`/J#61vaScript`) is undone before.
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_FOREIGN = re.compile(rb"<(?:script|html|svg|!doctype)\b", re.IGNORECASE)


def check(content: bytes) -> None:
    """Raises FileUnreadable unless `content` begins and ends as a PDF, and shows nothing that acts by itself.

    What is packed inside of compressed objects is not seen; documents are therefore only ever served as downloads.
    """
    if not _BEGINS.match(content) or not _ENDS.search(content[-_TAIL:]):
        raise FileUnreadable
    plain = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), content)
    if _ACTIVE.search(plain) or _FOREIGN.search(content[:_TAIL]):
        raise FileUnreadable("The document holds scripts or other files; print it to a plain PDF.")
