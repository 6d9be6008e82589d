"""The one form of trades and receipts, for REST and events alike."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.representations import public_user_json
from accounts.trust.representations import record_json
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.money import minor_units, plain, usdt
from orders.models import Order
from orders.representations import public_order_json
from trades.models import Feedback, RoomEntry, Step, Trade, Transaction


def trade_json(trade: Trade, reader_id: UUID) -> dict[str, Any]:
    """A trade as one of its parties sees it. `buyer` and `seller` must be loaded."""
    return trade_jsons(trade, [reader_id])[0]


def trade_jsons(trade: Trade, reader_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """A trade as each of these parties sees it."""
    shared = _shared_json(trade)
    return [shared | _partys_own_json(trade, is_buyer=reader_id == trade.buyer_id) for reader_id in reader_ids]


def _partys_own_json(trade: Trade, *, is_buyer: bool) -> dict[str, Any]:
    return {
        "role": "buyer" if is_buyer else "seller",
        "fee": usdt(trade.buyer_fee if is_buyer else trade.seller_fee),
        "payment_details": trade.payment_details if is_buyer and trade.status in Trade.LIVE else None,
        "payment_account": str(trade.account_shown) if trade.account_shown and not is_buyer else None,
    }


def _shared_json(trade: Trade) -> dict[str, Any]:
    return {
        "id": str(trade.id),
        "market": trade.market_id,
        "buyer": public_user_json(trade.buyer),
        "seller": public_user_json(trade.seller),
        "buy_order": str(trade.buy_order_id),
        "sell_order": str(trade.sell_order_id),
        "amount": usdt(trade.amount),
        "price": plain(trade.price),
        "total": plain(trade.total, minor_units(trade.quote)),
        "quote": trade.quote,
        "buyer_amount": usdt(trade.buyer_amount) if trade.buyer_amount is not None else None,
        "payment_method": trade.payment_method,
        "proposed_payment_method": trade.proposed_method,
        "payment_account_changed_at": rfc3339_or_none(trade.account_changed_at),
        "reference": trade.reference,
        "status": trade.status,
        "deadline": rfc3339_or_none(trade.deadline),
        "extended_seconds": int(trade.extended.total_seconds()) if trade.extended else 0,
        "cancel_requested_at": rfc3339_or_none(trade.cancel_requested_at),
        "created_at": rfc3339(trade.created_at),
        "paid_at": rfc3339_or_none(trade.paid_at),
        "closed_at": rfc3339_or_none(trade.closed_at),
        "version": trade.version,
    }


def tape_json(trade: Trade) -> dict[str, Any]:
    """What everyone may know of a trade: no names, and no key to them."""
    return {
        "market": trade.market_id,
        "price": plain(trade.price),
        "amount": usdt(trade.amount),
        "side": trade.taker_side,
        "time": rfc3339(trade.created_at),
    }


def step_json(step: Step | RoomEntry) -> dict[str, Any]:
    return {
        "action": step.action,
        "actor": step.actor,
        "status": step.status,
        "note": step.note,
        "at": rfc3339(step.at),
    }


def transaction_json(receipt: Transaction, reader_id: UUID) -> dict[str, Any]:
    """A receipt as one of the parties sees it. `buyer`, `seller` and `market` must be loaded."""
    is_buyer = reader_id == receipt.buyer_id
    return {
        "id": str(receipt.id),
        "trade": str(receipt.trade_id),
        "market": receipt.market_id,
        "role": "buyer" if is_buyer else "seller",
        "buyer": public_user_json(receipt.buyer),
        "seller": public_user_json(receipt.seller),
        "amount": usdt(receipt.amount),
        "price": plain(receipt.price),
        "total": plain(receipt.total, minor_units(receipt.market.quote)),
        "fee": usdt(receipt.buyer_fee if is_buyer else receipt.seller_fee),
        "settled_at": rfc3339(receipt.settled_at),
    }


def transaction_row(receipt: Transaction, reader_id: UUID) -> dict[str, Any]:
    """A receipt for a spreadsheet: people by their names."""
    cells = transaction_json(receipt, reader_id)
    return {name: cell["display_name"] if isinstance(cell, dict) else cell for name, cell in cells.items()}


def offer_json(offer: Order) -> dict[str, Any]:
    """A public offer with its owner's public record, as `trades.selectors.add_records` gives it."""
    owner = public_user_json(offer.owner) | record_json(offer.owner_record)  # type: ignore[attr-defined]
    return public_order_json(offer) | {"owner": owner}


def feedback_json(feedback: Feedback) -> dict[str, Any]:
    """A rating as everyone may read it; `author` must be loaded. Of the trade it says nothing."""
    return {
        "id": str(feedback.id),
        "author": public_user_json(feedback.author),
        "rating": feedback.rating,
        "comment": feedback.comment,
        "created_at": rfc3339(feedback.created_at),
    }
