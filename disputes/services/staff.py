from decimal import Decimal
from typing import Final
from uuid import UUID

from accounts.models import User
from disputes.errors import PartyToTheTrade
from disputes.models import Dispute
from disputes.services.case import Entry, change, lock_dispute, require_live
from iqx.core import clock, events
from iqx.core.errors import Invalid, NotAllowed
from iqx.core.money import ZERO
from iqx.core.transactions import use_case
from trades.escrow import Action, Actor, advance
from trades.models import Trade

Resolution = Dispute.Resolution

RULINGS: Final = {
    Resolution.RELEASE: Action.RULE_RELEASE,
    Resolution.REFUND: Action.RULE_REFUND,
    Resolution.SPLIT: Action.RULE_SPLIT,
}


@use_case
def assign_dispute(*, dispute_id: UUID, actor: User, assignee: User | None = None) -> Dispute:
    """Give the dispute to a member of staff, oneself by default, who then reviews it.

    Locks: the trade, the dispute, streams. Raises: NotAllowed, NotFound, PartyToTheTrade, DisputeClosed, Busy.
    Emits: dispute_updated.
    """
    assignee = assignee or actor
    for person in (actor, assignee):
        _require_staff(person)
    dispute = lock_dispute(dispute_id)
    _require_impartial(assignee, dispute.trade)
    _require_impartial(actor, dispute.trade)
    require_live(dispute)
    dispute.assignee, dispute.status = assignee, Dispute.Status.IN_REVIEW
    events.append(change(dispute, Entry.ASSIGNED, Actor.STAFF, actor.id))
    return dispute


@use_case
def comment_on_dispute(*, dispute_id: UUID, actor: User, note: str) -> Dispute:
    """Ask or tell both parties something, as staff.

    Locks: the trade, the dispute, streams. Raises: NotAllowed, NotFound, PartyToTheTrade, DisputeClosed, Busy.
    Emits: dispute_updated.
    """
    _require_staff(actor)
    dispute = lock_dispute(dispute_id)
    _require_impartial(actor, dispute.trade)
    require_live(dispute)
    events.append(change(dispute, Entry.COMMENT, Actor.STAFF, actor.id, note))
    return dispute


@use_case
def resolve_dispute(
    *, dispute_id: UUID, actor: User, resolution: str, reason: str, buyer_amount: Decimal | None = None
) -> Dispute:
    """Rule, as an admin, where the escrow goes; both parties read the reason. `buyer_amount` is for a split alone.

    Locks: the book, the trade, the dispute, wallets, streams.
    Raises: NotAllowed, NotFound, PartyToTheTrade, DisputeClosed, Invalid, Busy.
    Emits: trade_released, trade_refunded or trade_split with what follows from it; dispute_updated.
    """
    if not (actor.is_active and actor.is_admin):
        raise NotAllowed
    dispute = lock_dispute(dispute_id, with_book=True)
    _require_impartial(actor, dispute.trade)
    require_live(dispute)
    ruling = Resolution(resolution)
    share = _buyer_share(dispute.trade, ruling, buyer_amount)
    news = advance(dispute.trade, RULINGS[ruling], Actor.STAFF, note=reason, buyer_amount=share)
    dispute.status, dispute.closed_at = Dispute.Status.RESOLVED, clock.now()
    dispute.resolution, dispute.buyer_amount, dispute.resolved_by = ruling, share, actor
    events.append(news + change(dispute, Entry.RESOLVED, Actor.STAFF, actor.id, reason))
    return dispute


def _buyer_share(trade: Trade, ruling: Dispute.Resolution, asked: Decimal | None) -> Decimal:
    """What of the trade's amount goes to the buyer. Raises Invalid."""
    if ruling is not Resolution.SPLIT:
        if asked is not None:
            raise Invalid("Only a split has an amount for the buyer.", field="buyer_amount")
        return trade.amount if ruling is Resolution.RELEASE else ZERO
    if asked is None or not ZERO < asked < trade.amount:
        raise Invalid("A split gives the buyer more than nothing and less than all.", field="buyer_amount")
    return asked


def _require_staff(person: User) -> None:
    if not person.is_staff:
        raise NotAllowed


def _require_impartial(person: User, trade: Trade) -> None:
    if person.id in {trade.buyer_id, trade.seller_id}:
        raise PartyToTheTrade
