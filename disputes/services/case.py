"""What the use cases of disputes share. The trade is locked before its dispute: it is what the dispute is about."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.models import User
from disputes.errors import DisputeClosed, DisputeTooLate, HelperOnly, PartyToTheTrade, TradeDisputedBefore
from disputes.events import dispute_updated
from disputes.models import Dispute, DisputeEntry
from disputes.reasons import permitted
from iqx.core import audit, clock, events
from iqx.core.errors import Invalid, NotFound
from iqx.core.events import NewEvent
from iqx.core.locking import LockRank, lock
from trades.errors import WrongTradeStatus
from trades.escrow import Action, Actor, Status, advance
from trades.models import Trade
from trades.services import lock_trade

Entry = DisputeEntry.Action

PARTIES: Final = (Actor.BUYER, Actor.SELLER)


def in_time(clock_name: str) -> timedelta:
    """How long one of `DISPUTE_CLOCKS` runs."""
    return timedelta(seconds=settings.DISPUTE_CLOCKS[clock_name])


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


def require_hand(person: User, dispute: Dispute) -> None:
    """Who handles a dispute is no party to it, and wasn't called in to read alone.

    Raises: PartyToTheTrade, HelperOnly.
    """
    if person.id in {dispute.trade.buyer_id, dispute.trade.seller_id}:
        raise PartyToTheTrade
    if dispute.helpers.filter(user=person).exists():
        raise HelperOnly


def open_case(
    trade: Trade, opener: Actor, reason: str, *, author_id: UUID | None = None, statement: str = ""
) -> Dispute:
    """Open a dispute about a locked trade.

    Raises: WrongTradeStatus, Invalid, DisputeTooLate, TradeDisputedBefore. Emits: trade_disputed, dispute_updated.
    """
    after_end = trade.closed_at is not None
    reasons = check_may_open(trade, opener)
    if reason not in reasons:
        raise Invalid(f"While the trade is {trade.status}, the {opener} may say: {', '.join(reasons)}.", field="reason")
    now = clock.now()
    news = [] if after_end else advance(trade, Action.DISPUTE, opener, note=reason)
    dispute = Dispute.objects.create(
        trade=trade,
        opened_by=opener,
        reason=reason,
        after_end=after_end,
        buyer_due_at=None if opener is Actor.BUYER else now + in_time("answer"),
        seller_due_at=None if opener is Actor.SELLER else now + in_time("answer"),
        staff_due_at=now + in_time("review"),
        created_at=now,
    )
    record(dispute, Entry.OPENED, opener, author_id, statement)
    events.append(news + dispute_updated(dispute))
    return dispute


def check_may_open(trade: Trade, opener: Actor) -> Sequence[str]:
    """The reasons that the opener may give now. Raises: WrongTradeStatus, DisputeTooLate."""
    reasons = permitted(trade.status, opener)
    if not reasons or _was_never_paid(trade):
        raise WrongTradeStatus(current_status=trade.status)
    if trade.closed_at is not None:
        _require_recent_end(trade)
    return reasons


def _was_never_paid(trade: Trade) -> bool:
    """Whether its buyer called the trade off before he said to have paid; the clock may have been too quick for him."""
    if trade.status != Status.CANCELLED or trade.paid_at is not None:
        return False
    return not trade.steps.filter(action=Action.END_GRACE).exists()


def _require_recent_end(trade: Trade) -> None:
    if trade.closed_at is None or trade.closed_at + in_time("after_end") < clock.now():
        raise DisputeTooLate
    if trade.disputes.filter(status__in=[*Dispute.LIVE, Dispute.Status.RESOLVED]).exists():
        raise TradeDisputedBefore


def write_down(action: str, actor: User, dispute: Dispute, *, reason: str = "", **after: object) -> None:
    """Record what staff did in a dispute."""
    audit.record(action, actor=actor, subject=dispute, after={"trade": dispute.trade_id, **after}, reason=reason)


def change(
    dispute: Dispute, action: Entry, actor: Actor, author_id: UUID | None = None, note: str = ""
) -> list[NewEvent]:
    """Save a locked dispute as it is now, with what was said or done; returns the news of it."""
    record(dispute, action, actor, author_id, note)
    return publish(dispute)


def publish(dispute: Dispute) -> list[NewEvent]:
    """Save a locked dispute as it is now; returns the news of it."""
    dispute.version += 1
    dispute.save()
    return dispute_updated(dispute)


def record(
    dispute: Dispute,
    action: Entry,
    actor: Actor,
    author_id: UUID | None = None,
    note: str = "",
    *,
    internal: bool = False,
) -> DisputeEntry:
    return DisputeEntry.objects.create(
        dispute=dispute,
        action=action,
        actor=actor,
        author_id=author_id,
        note=note,
        internal=internal,
        at=clock.now(),
    )


def await_answer(dispute: Dispute, party: str) -> None:
    """Give a party time to answer, anew."""
    setattr(dispute, f"{party}_due_at", clock.now() + in_time("answer"))
    _forget_warning(dispute, party)


def stop_awaiting(dispute: Dispute, party: str) -> None:
    setattr(dispute, f"{party}_due_at", None)
    _forget_warning(dispute, party)


def staff_acted(dispute: Dispute) -> None:
    """Staff's time for the next step begins."""
    dispute.staff_due_at = clock.now() + in_time("review")
    _forget_warning(dispute, Actor.STAFF)


def close(dispute: Dispute, status: Dispute.Status) -> None:
    """Stop every clock; the caller saves."""
    dispute.status, dispute.closed_at = status, clock.now()
    dispute.buyer_due_at = dispute.seller_due_at = dispute.staff_due_at = None


def _forget_warning(dispute: Dispute, whose: str) -> None:
    dispute.warned = [name for name in dispute.warned if name != whose]
