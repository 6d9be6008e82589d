"""Use cases of the room of a trade: what the parties and staff write, and how far they have read.

Everybody writes under the lock of the trade, so messages and steps have one order.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.staff import require_staff
from iqx.core import audit, clock, events, files
from iqx.core.errors import Invalid, NotFound
from iqx.core.transactions import use_case
from trades import contacts
from trades.errors import ChatClosed, ChatFull
from trades.escrow import Actor
from trades.events import message_written, read_on
from trades.models import Message, ReadMark, ReceiptFlag, Step, Trade
from trades.services import lock_trade, role_of

PURPOSE: Final = "trade_message"
MESSAGES_OF_ONE: Final = 500
_MOST_COPIES: Final = 5


@use_case
def write_message(*, trade_id: UUID, actor_id: UUID, body: str, attachment: files.Received | None = None) -> Message:
    """Write to the other party, until some days after the trade ended.

    A buyer's receipt that was sent in another trade is flagged to staff, and the seller is warned.

    Locks: the trade, streams. Raises: NotFound, Invalid, ChatClosed, ChatFull, Busy. Emits: trade_message.
    """
    copies = _earlier_receipts(attachment)  # may take a moment, so before the lock
    trade = lock_trade(trade_id, actor_id)
    role = role_of(trade, actor_id)
    check_may_write(trade, actor_id)
    repeated = [copy for copy in copies if copy.trade_id != trade.id] if role is Actor.BUYER else []
    message = _write(trade, actor_id, role, body, attachment, repeated)
    events.append(message_written(trade, message))
    return message


@use_case
def write_as_staff(*, trade_id: UUID, actor: User, body: str, attachment: files.Received | None = None) -> Message:
    """Write to both parties, at any time. Raises: NotAllowed, NotFound, Invalid, Busy. Emits: trade_message."""
    require_staff(actor)
    trade = lock_trade(trade_id)
    message = _write(trade, actor.pk, Actor.STAFF, body, attachment, [])
    audit.record("trade_message_written", actor=actor, subject=trade, after={"message": message.public_id})
    events.append(message_written(trade, message))
    return message


@use_case
def mark_read(*, trade_id: UUID, actor_id: UUID, message_id: UUID | None = None) -> ReadMark | None:
    """Say that everything up to a message is read, or all there is; None if there is nothing to read yet.

    Locks: the trade, streams. Raises: NotFound, Invalid, Busy. Emits: trade_read, if the mark moved on.
    """
    trade = lock_trade(trade_id, actor_id)
    message = _last_of(trade, message_id)
    mark = ReadMark.objects.filter(trade=trade, reader_id=actor_id).select_related("message").first()
    if message is None or (mark is not None and mark.message_id >= message.pk):
        return mark
    moved, _ = ReadMark.objects.update_or_create(
        trade=trade, reader_id=actor_id, defaults={"message": message, "at": clock.now()}
    )
    events.append(read_on(trade, moved))
    return moved


@use_case
def review_receipt(*, receiptflag_id: int, actor: User, reason: str = "") -> ReceiptFlag:
    """Note that staff have looked at a receipt that was seen before. Raises: NotAllowed, NotFound."""
    require_staff(actor)
    flag = ReceiptFlag.objects.select_for_update(no_key=True).filter(pk=receiptflag_id).first()
    if flag is None:
        raise NotFound
    before = audit.values_of(flag, "reviewed_by_id", "reviewed_at")
    audit.record("receipt_reviewed", actor=actor, subject=flag, before=before, reason=reason)
    if flag.reviewed_at is None:
        flag.reviewed_by, flag.reviewed_at = actor, clock.now()
        flag.save(update_fields=["reviewed_by", "reviewed_at"])
    return flag


def check_may_write(trade: Trade, actor_id: UUID) -> None:
    """Raises: ChatClosed, ChatFull."""
    _require_open(trade)
    if trade.messages.filter(author_id=actor_id).count() >= MESSAGES_OF_ONE:
        raise ChatFull(limit=MESSAGES_OF_ONE)


def _require_open(trade: Trade) -> None:
    goes_on = timedelta(seconds=settings.TRADE_CHAT_SECONDS)
    if trade.closed_at is not None and clock.now() > trade.closed_at + goes_on:
        raise ChatClosed(closed_at=clock.rfc3339(trade.closed_at))


def _write(
    trade: Trade,
    author_id: UUID,
    role: Actor,
    body: str,
    attachment: files.Received | None,
    repeated: list[Message],
) -> Message:
    if not body.strip() and attachment is None:
        raise Invalid("A message needs a text or a file.", field="body")
    flags = [] if role is Actor.STAFF else contacts.flags_of(body)
    message = Message.objects.create(
        trade=trade,
        after=Step.objects.filter(trade=trade).latest("id"),
        author_id=author_id,
        role=role,
        body=body,
        attachment=files.keep(attachment, owner_id=author_id, purpose=PURPOSE) if attachment else None,
        flags=[*flags, Message.Flag.SEEN_BEFORE] if repeated else flags,
        status=trade.status,
        at=clock.now(),
    )
    ReceiptFlag.objects.bulk_create(
        ReceiptFlag(message=message, seen_in=copy, identical=_is_identical(message, copy), created_at=message.at)
        for copy in repeated[:_MOST_COPIES]
    )
    return message


def _earlier_receipts(attachment: files.Received | None) -> list[Message]:
    """Messages of buyers, in any trade, with the same receipt or one that looks the same; the newest first."""
    if attachment is None:
        return []
    copies = files.copies_of(attachment.examined, purposes=[PURPOSE])
    with_copy = Message.objects.filter(attachment__in=copies.values("pk"), role=Actor.BUYER)
    return list(with_copy.select_related("attachment").order_by("-id")[:50])


def _is_identical(message: Message, copy: Message) -> bool:
    one, other = message.attachment, copy.attachment
    return one is not None and other is not None and one.sha256 == other.sha256


def _last_of(trade: Trade, message_id: UUID | None) -> Message | None:
    """The message that was named, or the newest one. Raises Invalid if the trade has no such message."""
    if message_id is None:
        return trade.messages.order_by("-id").first()
    message = trade.messages.filter(public_id=message_id).first()
    if message is None:
        raise Invalid("This trade has no such message.", field="message")
    return message
