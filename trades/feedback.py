"""What the parties say of each other when a trade is over."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from iqx.core import clock
from iqx.core.transactions import use_case
from trades.errors import FeedbackClosed, FeedbackGiven, WrongTradeStatus
from trades.escrow import Actor, Status
from trades.models import Feedback, Trade
from trades.services import lock_trade, role_of

RATEABLE: Final = (Status.RELEASED, Status.SPLIT, Status.REFUNDED)
"""Ended by a sale or by a ruling. A trade that was only called off rates nobody: it would cost nothing to open one."""

WINDOW: Final = timedelta(days=30)


@use_case
def give_feedback(*, trade_id: UUID, actor_id: UUID, rating: int, comment: str = "") -> Feedback:
    """Rate the other party of a finished trade, from 1 to 5, once, within 30 days of its end.

    Locks: the trade. Raises: NotFound, WrongTradeStatus, FeedbackClosed, FeedbackGiven, Busy.
    """
    trade = lock_trade(trade_id, actor_id)
    check_may_rate(trade, actor_id)
    return Feedback.objects.create(
        trade=trade,
        author_id=actor_id,
        subject_id=_other(trade, actor_id),
        rating=rating,
        comment=comment,
        created_at=clock.now(),
    )


def check_may_rate(trade: Trade, actor_id: UUID) -> None:
    """Raises: WrongTradeStatus, FeedbackClosed, FeedbackGiven."""
    if trade.status not in RATEABLE or trade.closed_at is None:
        raise WrongTradeStatus(current_status=trade.status)
    if clock.now() > trade.closed_at + WINDOW:
        raise FeedbackClosed
    if Feedback.objects.filter(trade=trade, author_id=actor_id).exists():
        raise FeedbackGiven


def _other(trade: Trade, actor_id: UUID) -> UUID:
    return trade.seller_id if role_of(trade, actor_id) is Actor.BUYER else trade.buyer_id
