"""What merchants say by themselves when a trade opens: the `auto_reply` of their order, as their message in it."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import orjson

from iqx.core import hot
from iqx.core.events import NewEvent
from iqx.core.ids import new_id
from orders.models import Order
from trades import contacts
from trades.events import message_written
from trades.models import Message, Step, Trade

# After the step that opened the trade, whose id the database gave.
_WRITE: Final = """
INSERT INTO trades_message (public_id, trade_id, after_id, author_id, role, body, flags, status, at)
SELECT m.public_id, m.trade_id, s.id, m.author_id, m.role, m.body, m.flags, m.status, m.at
FROM jsonb_to_recordset(%s::jsonb) AS m(
    public_id uuid, trade_id uuid, author_id uuid, role text, body text, flags text[], status text, at timestamptz
) JOIN trades_step s ON s.trade_id = m.trade_id AND s.action = 'open'
"""


def greet(trades: Iterable[Trade], orders: Mapping[UUID, Order]) -> list[NewEvent]:
    """Post what the orders behind new trades have to say, if any; one statement. Returns the events of it."""
    written = []
    for trade in trades:
        for order_id, role in ((trade.sell_order_id, Step.Actor.SELLER), (trade.buy_order_id, Step.Actor.BUYER)):
            if orders[order_id].auto_reply:
                written.append((trade, _message(trade, orders[order_id], role)))
    if written:
        hot.run(_WRITE, [orjson.dumps([_row(message) for _, message in written]).decode()])
    return [event for trade, message in written for event in message_written(trade, message)]


def _message(trade: Trade, order: Order, role: Step.Actor) -> Message:
    body = order.auto_reply or ""
    return Message(
        public_id=new_id(),
        trade=trade,
        author_id=order.owner_id,
        role=role,
        body=body,
        flags=contacts.flags_of(body),
        status=trade.status,
        at=trade.created_at,
    )


def _row(message: Message) -> dict[str, object]:
    return {
        "public_id": message.public_id,
        "trade_id": message.trade_id,
        "author_id": message.author_id,
        "role": message.role,
        "body": message.body,
        "flags": message.flags,
        "status": message.status,
        "at": message.at,
    }
