"""Use cases of the parties to a trade. Its end may return an amount to an order, which the next matching takes up."""

from typing import Final
from uuid import UUID

from iqx.core import clock, events, hot
from iqx.core.errors import NotFound
from iqx.core.locking import LockRank, enter
from iqx.core.transactions import use_case
from orders.book import lock_books
from trades.errors import NoCancelRequest, NotYourStep, WrongTradeStatus
from trades.escrow import Action, Actor, Status, advance, record_step
from trades.events import trade_update
from trades.models import Trade
from trades.selectors import name_parties

_LOCK: Final = f"SELECT {hot.columns(Trade)} FROM trades_trade WHERE id = %s FOR NO KEY UPDATE"  # noqa: S608 names alone


@use_case
def mark_paid(*, trade_id: UUID, actor_id: UUID) -> Trade:
    """Say, as the buyer, that the fiat is on its way; also in the grace period after the deadline.

    Locks: the trade, streams. Raises: NotFound, NotYourStep, WrongTradeStatus, Busy. Emits: trade_paid.
    """
    trade = lock_trade(trade_id, actor_id)
    events.append(advance(trade, Action.MARK_PAID, role_of(trade, actor_id)))
    return trade


@use_case
def release_trade(*, trade_id: UUID, actor_id: UUID) -> Trade:
    """Pay the escrowed USDT to the buyer and close the trade.

    Locks: the trade, then both wallets, then their event streams.
    Raises: NotFound, NotYourStep, WrongTradeStatus, Busy.
    Emits: trade_released, wallet_updated to both parties; trade_released to the market.
    """
    trade = lock_trade(trade_id, actor_id)
    events.append(advance(trade, Action.RELEASE, role_of(trade, actor_id)))
    return trade


@use_case
def cancel_trade(*, trade_id: UUID, actor_id: UUID) -> Trade:
    """Call the trade off, as the buyer; a live order of the seller's gets the amount back.

    Locks: the book, the trade, the wallet, streams. Raises: NotFound, NotYourStep, WrongTradeStatus, Busy.
    Emits: trade_cancelled; order_updated or wallet_updated to the seller.
    """
    trade = lock_trade(trade_id, actor_id, with_book=True)
    events.append(advance(trade, Action.CANCEL, role_of(trade, actor_id)))
    return trade


@use_case
def request_cancel(*, trade_id: UUID, actor_id: UUID) -> Trade:
    """Ask the buyer, as the seller, to agree to cancel. Emits: trade_cancel_requested."""
    trade = lock_trade(trade_id, actor_id)
    check_may_ask_to_cancel(trade, role_of(trade, actor_id))
    if trade.cancel_requested_at is None:
        trade.cancel_requested_at = clock.now()
        _note(trade, "cancel_requested", Actor.SELLER)
    return trade


@use_case
def reject_cancel(*, trade_id: UUID, actor_id: UUID) -> Trade:
    """Refuse, as the buyer, the seller's wish to cancel. Emits: trade_cancel_rejected."""
    trade = lock_trade(trade_id, actor_id)
    check_cancel_request(trade, actor_id)
    trade.cancel_requested_at = None
    _note(trade, "cancel_rejected", Actor.BUYER)
    return trade


@use_case
def accept_cancel(*, trade_id: UUID, actor_id: UUID) -> Trade:
    """Agree, as the buyer, to cancel; the seller gets his USDT back, a live order of the buyer's its amount.

    Locks: the book, the trade, the wallet, streams. Emits: trade_cancelled, order_updated, wallet_updated.
    """
    trade = lock_trade(trade_id, actor_id, with_book=True)
    check_cancel_request(trade, actor_id)
    events.append(advance(trade, Action.ACCEPT_CANCEL, Actor.BUYER))
    return trade


def check_may_ask_to_cancel(trade: Trade, role: Actor) -> None:
    """Raises: NotYourStep, WrongTradeStatus."""
    if role is not Actor.SELLER:
        raise NotYourStep
    if trade.status not in {Status.AWAITING_PAYMENT, Status.EXPIRED, Status.PAID}:
        raise WrongTradeStatus(current_status=trade.status)


def check_cancel_request(trade: Trade, actor_id: UUID) -> None:
    """Raises: NotYourStep, WrongTradeStatus, NoCancelRequest."""
    if role_of(trade, actor_id) is not Actor.BUYER:
        raise NotYourStep
    if trade.status not in Trade.LIVE:
        raise WrongTradeStatus(current_status=trade.status)
    if trade.cancel_requested_at is None:
        raise NoCancelRequest


def _note(trade: Trade, action: str, actor: Actor) -> None:
    trade.version += 1
    trade.save(update_fields=["cancel_requested_at", "version"])
    record_step(trade, action, actor, clock.now())
    events.append(trade_update(trade, f"trade_{action}"))


def lock_trade(trade_id: UUID, actor_id: UUID | None = None, *, with_book: bool = False) -> Trade:
    """A trade that stays as it is until the transaction ends; with `actor_id`, only if he is a party to it.

    `with_book` locks its market's book before it: for steps that may return an amount to an order.

    Raises: NotFound.
    """
    if with_book:
        symbol = Trade.objects.filter(pk=trade_id).values_list("market_id", flat=True).first()
        lock_books([symbol] if symbol else [])
    enter(LockRank.TRADE)
    found = hot.fetch(Trade, _LOCK, [trade_id])
    if not found or (actor_id is not None and actor_id not in {found[0].buyer_id, found[0].seller_id}):
        raise NotFound
    name_parties(found)
    return found[0]


def role_of(trade: Trade, user_id: UUID) -> Actor:
    return Actor.BUYER if user_id == trade.buyer_id else Actor.SELLER
