"""Private files: what people upload, looked into before it is kept, and shown by signed links alone.

A view that opts in (`iqx.core.api.multipart`) hands an upload to `receive`, before its use case and outside of all row
locks; the use case keeps it together with what it belongs to::

    received = files.receive(upload)                                    # examined, cleaned, encrypted, stored
    message = write_message(..., attachment=received)
        stored = files.keep(received, owner_id=..., purpose="trade_message")    # inside: the row commits with the rest
    files.file_json(stored)                                             # how it is shown, with a link for some minutes

The blob is stored first, so a row never points to nothing. If the use case refuses, nothing points to the blob, and the
sweeper deletes it (`orphans.sweep`).
"""

from iqx.core.files.copies import copies_of
from iqx.core.files.links import file_json, link
from iqx.core.files.receiving import Received, content_of, keep, receive

__all__ = ["Received", "content_of", "copies_of", "file_json", "keep", "link", "receive"]
