"""Files that parties send as evidence, and what is known of files that look like them."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q

from accounts.models import Flag
from accounts.trust.flags import Finding
from accounts.trust.rules import RECEIPT_REUSE, rule_in_force
from disputes.models import DisputeEntry, DisputeFile
from iqx.core import files
from iqx.core.files import Received
from iqx.core.models import StoredFile
from trades.chat import PURPOSE as CHAT
from trades.escrow import Actor
from trades.models import Message, Trade

PURPOSE: Final = "dispute_evidence"
_COPIES_KEPT: Final = 10


def take_in(uploads: Iterable[UploadedFile]) -> list[Received]:
    """Examine and store uploads. Call it before the use case. Raises: FileRefused, FileUnreadable, FileTooLarge."""
    return [files.receive(upload) for upload in uploads]


def keep(entry: DisputeEntry, received: Sequence[Received], *, sender_id: UUID) -> list[Finding]:
    """Write the rows of evidence, inside the use case, with its copies that were sent about other trades.

    Evidence and what was sent in chats are compared alike. A buyer's receipt that a buyer showed in another trade is
    marked for the seller, and returned for the use case to flag to staff.
    """
    findings = []
    for item in received:
        copies = _copies_elsewhere(item, entry.dispute.trade)
        other = _shown_in(copies) if copies and entry.actor == Actor.BUYER else None
        stored = files.keep(item, owner_id=sender_id, purpose=PURPOSE)
        DisputeFile.objects.create(entry=entry, file=stored, seen_before=other is not None).copies.set(copies)
        if other and rule_in_force(RECEIPT_REUSE) is not None:
            because = RECEIPT_REUSE.explain(reference=other.reference)
            findings.append(Finding(RECEIPT_REUSE, Flag.Subject.TRADE, entry.dispute.trade_id, sender_id, because))
    return findings


def _copies_elsewhere(received: Received, trade: Trade) -> list[StoredFile]:
    evidence = DisputeFile.objects.filter(entry__dispute__trade=trade).values("file_id")
    said = Message.objects.filter(trade=trade, attachment__isnull=False).values("attachment_id")
    copies = files.copies_of(received.examined, purposes=[PURPOSE, CHAT])
    return list(copies.exclude(Q(pk__in=evidence) | Q(pk__in=said)).order_by("pk")[:_COPIES_KEPT])


def _shown_in(copies: Sequence[StoredFile]) -> Trade | None:
    """The first trade in which a buyer sent one of these files."""
    as_evidence = Q(disputes__timeline__files__file__in=copies, disputes__timeline__actor=Actor.BUYER)
    in_chat = Q(messages__attachment__in=copies, messages__role=Actor.BUYER)
    return Trade.objects.filter(as_evidence | in_chat).order_by("pk").first()
