"""Events of trades: to both parties, and to the market without names."""

from functools import partial
from typing import Any

from iqx.core.events import NewEvent, market_stream, once, user_stream
from iqx.core.hot import snapshot
from iqx.core.money import plain, usdt
from orders.models import Order
from orders.representations import level_change, order_json
from trades.models import Message, ReadMark, Step, Trade
from trades.representations import tape_json, trade_jsons
from trades.room import message_json, read_mark_json


def trade_update(trade: Trade, type: str) -> list[NewEvent]:
    """`type` for buyer and seller, each with the trade as he sees it."""
    parties = (trade.buyer_id, trade.seller_id)
    seen = once(partial(trade_jsons, snapshot(trade), parties))
    return [
        NewEvent(user_stream(trade.buyer_id), type, lambda: seen()[0]),
        NewEvent(user_stream(trade.seller_id), type, lambda: seen()[1]),
    ]


def message_written(trade: Trade, message: Message) -> list[NewEvent]:
    """A new message, for buyer and seller each as he sees it."""
    return [
        NewEvent(user_stream(who), "trade_message", message_json(message, reader=role, read=False))
        for who, role in ((trade.buyer_id, Step.Actor.BUYER), (trade.seller_id, Step.Actor.SELLER))
    ]


def read_on(trade: Trade, mark: ReadMark) -> list[NewEvent]:
    """To the other party: how far his messages are read."""
    other = trade.seller_id if mark.reader_id == trade.buyer_id else trade.buyer_id
    return [NewEvent(user_stream(other), "trade_read", read_mark_json(mark))]


def trade_released(trade: Trade) -> list[NewEvent]:
    """To the market, unless the trade is private."""
    return [] if trade.private else [NewEvent(market_stream(trade.market_id), "trade_released", tape_json(trade))]


def order_filled(maker: Order, taker: Order, trade: Trade, *, taker_rests: bool) -> list[NewEvent]:
    """One fill: to the market with what it changes in the book, and to both owners with their orders.

    `taker_rests` is true of a taker's last fill if the rest of it joins the book.
    """
    gone = maker.amount == maker.filled
    book = [level_change(maker, -trade.amount, -1 if gone else 0)]
    if taker_rests:
        book.append(level_change(taker, taker.amount - taker.filled, 1))
    maker, taker = snapshot(maker), snapshot(taker)
    news = [
        NewEvent(user_stream(order.owner_id), "order_filled", partial(_own_fill_json, order, trade))
        for order in (maker, taker)
    ]
    if not trade.private:
        public = partial(_fill_json, maker, taker, trade)
        news.insert(0, NewEvent(market_stream(trade.market_id), "order_filled", public, book))
    return news


def _own_fill_json(order: Order, trade: Trade) -> dict[str, Any]:
    fill = {"trade": str(trade.id), "price": plain(trade.price), "amount": usdt(trade.amount)}
    return order_json(order) | {"fill": fill}


def _fill_json(maker: Order, taker: Order, trade: Trade) -> dict[str, Any]:
    return tape_json(trade) | {
        "maker_order": str(maker.id),
        "taker_order": str(taker.id),
        "maker_remaining": usdt(maker.amount - maker.filled),
        "taker_remaining": usdt(taker.amount - taker.filled),
    }
