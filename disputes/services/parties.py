from collections.abc import Sequence
from typing import Final
from uuid import UUID

from accounts.trust.flags import raise_flags
from disputes import evidence
from disputes.errors import NotYourDispute, TooManyStatements
from disputes.models import Dispute
from disputes.services.case import (
    Entry,
    change,
    close,
    lock_dispute,
    open_case,
    publish,
    record,
    require_live,
    stop_awaiting,
)
from disputes.services.rulings import drop_proposal
from iqx.core import events
from iqx.core.files import Received
from iqx.core.transactions import use_case
from trades.escrow import Action, advance
from trades.services import lock_trade, role_of

STATEMENTS_PER_PARTY: Final = 20


@use_case
def open_dispute(*, trade_id: UUID, actor_id: UUID, reason: str, statement: str) -> Dispute:
    """Ask staff, as a party to a trade that is paid or ended a short while ago, to settle it.

    Locks: the trade, streams.
    Raises: NotFound, WrongTradeStatus, Invalid, DisputeTooLate, TradeDisputedBefore, Busy.
    Emits: trade_disputed, dispute_updated.
    """
    trade = lock_trade(trade_id, actor_id)
    return open_case(trade, role_of(trade, actor_id), reason, author_id=actor_id, statement=statement)


@use_case
def add_statement(
    *, dispute_id: UUID, actor_id: UUID, statement: str = "", received: Sequence[Received] = ()
) -> Dispute:
    """Add, as a party, words and files for staff to judge by, which the other party sees too. He is awaited no more.

    Locks: the trade, the dispute, streams. Raises: NotFound, DisputeClosed, TooManyStatements, Busy.
    Emits: dispute_updated; staff_called, when a receipt was seen in another trade.
    """
    dispute = lock_dispute(dispute_id, actor_id)
    require_live(dispute)
    role = role_of(dispute.trade, actor_id)
    if dispute.timeline.filter(action=Entry.STATEMENT, actor=role).count() >= STATEMENTS_PER_PARTY:
        raise TooManyStatements(limit=STATEMENTS_PER_PARTY)
    stop_awaiting(dispute, role)
    entry = record(dispute, Entry.STATEMENT, role, actor_id, statement)
    calls = raise_flags(evidence.keep(entry, received, sender_id=actor_id))
    events.append(publish(dispute) + calls)
    return dispute


@use_case
def withdraw_dispute(*, dispute_id: UUID, actor_id: UUID) -> Dispute:
    """Take the dispute back, as the party who opened it; a live trade is `paid` again, with a new time to release.

    Locks: the trade, the dispute, streams. Raises: NotFound, NotYourDispute, DisputeClosed, Busy.
    Emits: trade_paid, dispute_updated.
    """
    dispute = lock_dispute(dispute_id, actor_id)
    role = role_of(dispute.trade, actor_id)
    if dispute.opened_by != role:
        raise NotYourDispute
    require_live(dispute)
    drop_proposal(dispute)
    news = [] if dispute.after_end else advance(dispute.trade, Action.WITHDRAW_DISPUTE, role)
    close(dispute, Dispute.Status.WITHDRAWN)
    events.append(news + change(dispute, Entry.WITHDRAWN, role, actor_id))
    return dispute
