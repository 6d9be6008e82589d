"""What the use cases of disputes share. The trade is locked before its dispute: it is what the dispute is about."""

from uuid import UUID

from disputes.errors import DisputeClosed
from disputes.events import dispute_updated
from disputes.models import Dispute, DisputeEntry
from iqx.core import clock, events
from iqx.core.errors import NotFound
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock
from trades.escrow import Action, Actor, advance
from trades.models import Trade
from trades.services import lock_trade

Entry = DisputeEntry.Action


def lock_dispute(dispute_id: UUID, party_id: UUID | None = None, *, with_book: bool = False) -> Dispute:
    """Lock a trade, then the dispute about it; with `party_id`, only if he is a party. Raises: NotFound."""
    rows = Dispute.objects.filter(pk=dispute_id)
    trade_id = rows.values_list("trade_id", flat=True).first()
    if trade_id is None:
        raise NotFound
    trade = lock_trade(trade_id, party_id, with_book=with_book)
    (dispute,) = lock(LockRank.DISPUTE, rows.select_related("assignee", "resolved_by"))
    dispute.trade = trade
    return dispute


def require_live(dispute: Dispute) -> None:
    if not dispute.is_live:
        raise DisputeClosed(current_status=dispute.status)


def open_case(
    trade: Trade, opener: Actor, reason: str, *, author_id: UUID | None = None, statement: str = ""
) -> Dispute:
    """Open a dispute about a locked trade. Raises: WrongTradeStatus. Emits: trade_disputed, dispute_updated."""
    news = advance(trade, Action.DISPUTE, opener, note=reason)
    dispute = Dispute.objects.create(trade=trade, opened_by=opener, reason=reason, created_at=clock.now())
    events.append(news + _record(dispute, Entry.OPENED, opener, author_id, statement))
    return dispute


def change(dispute: Dispute, action: Entry, actor: Actor, author_id: UUID, note: str = "") -> list[NewEvent]:
    """Save a locked dispute as it is now, with what was said or done; returns the news of it."""
    dispute.version += 1
    dispute.save()
    return _record(dispute, action, actor, author_id, note)


def _record(dispute: Dispute, action: Entry, actor: Actor, author_id: UUID | None, note: str) -> list[NewEvent]:
    DisputeEntry.objects.create(
        dispute=dispute, action=action, actor=actor, author_id=author_id, note=note, at=clock.now()
    )
    return dispute_updated(dispute)
