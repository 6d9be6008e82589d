"""The room of a trade as it is read: steps and messages in one order, each as its reader may see it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from django.db.models import OuterRef, QuerySet, Subquery

from iqx.core.clock import rfc3339
from iqx.core.errors import NotFound
from iqx.core.files import file_json
from trades.models import Message, ReadMark, RoomEntry, Step, Trade
from trades.selectors import trades_of

Actor = Step.Actor
Kind = RoomEntry.Kind
Flag = Message.Flag

WARNINGS: Final[dict[str, str]] = {
    Flag.SEEN_BEFORE: "This picture was sent as a receipt in another trade before. Release only when your own bank or "
    "app shows the money.",
    Flag.LINK: "This message has a link. Payments and support never need one: do not log in or pay behind it.",
    Flag.CONTACT: "This message leads out of this chat. Stay here: what is agreed elsewhere can't be proven, and staff "
    "never write to you anywhere else.",
}
"""What the reader of a flagged message is told, the gravest first."""

_SYSTEM_TEXTS: Final[dict[str, str]] = {
    "open": "The trade is open, and the USDT is in escrow.",
    "mark_paid": "The buyer says that he has paid.",
    "release": "The seller has released the USDT.",
    "cancel": "The buyer has called the trade off.",
    "cancel_requested": "The seller asks the buyer to agree to cancel.",
    "cancel_rejected": "The buyer does not agree to cancel.",
    "accept_cancel": "The buyer agrees to cancel; the trade is called off.",
    "expire": "The time to pay is over. The escrow is held a while, in case the payment was made.",
    "end_grace": "No payment was told of in time; the trade is called off.",
    "remind": "The seller was reminded to check his account and release.",
    "dispute": "A dispute is open; staff will look at it.",
    "withdraw_dispute": "The dispute was withdrawn.",
    "escalate": "The dispute was passed on to a senior.",
    "rule_release": "Staff ruled that the USDT goes to the buyer.",
    "rule_refund": "Staff ruled that the USDT goes back to the seller.",
    "rule_split": "Staff ruled that the USDT is shared.",
    "extended": "The platform was away for a while; the deadline moved by as much.",
}


def room_of(*, trade_id: UUID, user_id: UUID) -> tuple[Trade, QuerySet[RoomEntry]]:
    """A trade of one's own with `read_to`, how far the other party has read, and all there is to read in it.

    Raises: NotFound.
    """
    marks = ReadMark.objects.filter(trade=OuterRef("pk")).exclude(reader_id=user_id)
    read_to = Subquery(marks.values("message_id")[:1])
    trade = trades_of(user_id).annotate(read_to=read_to).filter(pk=trade_id).first()
    if trade is None:
        raise NotFound
    return trade, RoomEntry.objects.filter(trade=trade)


def any_room(trade_id: UUID) -> QuerySet[RoomEntry]:
    """For staff. Raises: NotFound."""
    if not Trade.objects.filter(pk=trade_id).exists():
        raise NotFound
    return RoomEntry.objects.filter(trade_id=trade_id)


def add_messages(entries: Sequence[RoomEntry]) -> None:
    """Load the messages of a page, with their files, in one query."""
    ids = [entry.message_id for entry in entries if entry.message_id]
    found = Message.objects.select_related("author", "attachment").in_bulk(ids)
    for entry in entries:
        if entry.message_id:
            entry.message = found[entry.message_id]


def entry_json(entry: RoomEntry, *, reader: Actor, read_to: int | None) -> dict[str, Any]:
    """One entry of a room. `add_messages` must have been called."""
    if entry.message is not None:
        return message_json(entry.message, reader=reader, read=(read_to or 0) >= entry.message.pk)
    is_terms = entry.kind == Kind.TERMS
    return _form(
        entry.trade_id,
        id=uuid5(entry.trade_id, entry.key),
        kind=entry.kind,
        action=entry.action,
        actor=entry.actor,
        mine=is_terms and entry.actor == reader,
        body=entry.note if is_terms else _SYSTEM_TEXTS.get(entry.action, entry.action.replace("_", " ")),
        note="" if is_terms else entry.note,
        status=entry.status,
        at=rfc3339(entry.at),
    )


def message_json(message: Message, *, reader: Actor, read: bool) -> dict[str, Any]:
    """A message as buyer, seller or staff see it. Nobody is told which member of staff wrote."""
    mine = message.role == reader
    flags = _flags_for(message, reader)
    return _form(
        message.trade_id,
        id=message.public_id,
        kind=Kind.MESSAGE,
        action="message",
        actor=message.role,
        mine=mine,
        body=message.body,
        attachment=file_json(message.attachment) if message.attachment else None,
        flags=flags,
        warning=next((text for flag, text in WARNINGS.items() if flag in flags), None),
        read=read if mine else None,
        status=message.status,
        at=rfc3339(message.at),
    )


def _flags_for(message: Message, reader: Actor) -> list[str]:
    """Who wrote it is not warned of himself, nor told what staff were told; a receipt concerns the seller."""
    if message.role == reader and reader != Actor.STAFF:
        return []
    concerns_all = reader in {Actor.SELLER, Actor.STAFF}
    return [flag for flag in message.flags if concerns_all or flag != Flag.SEEN_BEFORE]


def _form(trade_id: UUID, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    blank: dict[str, Any] = {"note": "", "attachment": None, "flags": [], "warning": None, "read": None}
    return {"id": str(fields.pop("id")), "trade": str(trade_id)} | blank | fields


def read_mark_json(mark: ReadMark) -> dict[str, Any]:
    """How far a party has read. `message` must be loaded."""
    return {"trade": str(mark.trade_id), "message": str(mark.message.public_id), "at": rfc3339(mark.at)}
