from decimal import Decimal
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.staff import require_admin
from disputes.errors import NoRulingProposed, RulingChanged
from disputes.models import Dispute, Ruling
from disputes.services.case import (
    Entry,
    change,
    close,
    lock_dispute,
    record,
    require_hand,
    require_live,
    staff_acted,
    write_down,
)
from iqx.core import audit, clock, events, jobs
from iqx.core.errors import Invalid
from iqx.core.events import NewEvent
from iqx.core.money import ZERO
from iqx.core.transactions import use_case
from trades.escrow import Action, Actor, advance
from trades.models import Trade
from wallets.corrections import ask_for_adjustment
from wallets.errors import SecondPersonRequired

Resolution = Dispute.Resolution
Finding = Dispute.Finding

RULINGS: Final = {
    Resolution.RELEASE: Action.RULE_RELEASE,
    Resolution.REFUND: Action.RULE_REFUND,
    Resolution.SPLIT: Action.RULE_SPLIT,
}


@use_case
def resolve_dispute(
    *,
    dispute_id: UUID,
    actor: User,
    reason: str,
    resolution: str | None = None,
    buyer_amount: Decimal | None = None,
    finding: str | None = None,
    compensation: Decimal | None = None,
) -> Dispute:
    """Rule, as an admin, where the escrow goes; after the trade's end, who was right. Both parties read the reason.

    Above `DISPUTE_SECOND_PERSON_ABOVE` this only proposes the ruling, in the place of what was proposed before; another
    admin confirms it. `buyer_amount` is for a split alone; `compensation` asks for an adjustment in favour of whom the
    finding favours, which needs a second admin in any case.

    Locks: the book, the trade, the dispute, wallets, streams.
    Raises: NotAllowed, NotFound, PartyToTheTrade, HelperOnly, DisputeClosed, Invalid, Busy.
    Emits: trade_released, trade_refunded or trade_split with what follows from it; dispute_updated.
    """
    dispute = _lock_for_ruling(dispute_id, actor)
    ruling = _ruling(dispute, resolution, buyer_amount, finding, compensation)
    ruling.reason, ruling.proposed_by, ruling.created_at = reason, actor, clock.now()
    ruling.needs_second = not dispute.after_end and dispute.trade.amount > settings.DISPUTE_SECOND_PERSON_ABOVE
    drop_proposal(dispute)
    _write_down("ruling_proposed" if ruling.needs_second else "ruling_made", actor, dispute, ruling, reason)
    if ruling.needs_second:
        _propose(dispute, ruling)
    else:
        _carry_out(dispute, ruling)
    return dispute


@use_case
def confirm_ruling(*, dispute_id: UUID, actor: User, ruling_id: UUID, reason: str = "") -> Dispute:
    """Make, as another admin, the ruling that was proposed; `ruling_id` says which one he has read.

    Locks: the book, the trade, the dispute, wallets, streams.
    Raises: NotAllowed, NotFound, PartyToTheTrade, HelperOnly, DisputeClosed, NoRulingProposed, RulingChanged,
    SecondPersonRequired, Busy.
    Emits: trade_released, trade_refunded or trade_split with what follows from it; dispute_updated.
    """
    dispute = _lock_for_ruling(dispute_id, actor)
    ruling = dispute.rulings.filter(status=Ruling.Status.PROPOSED).select_related("proposed_by").first()
    if ruling is None:
        raise NoRulingProposed
    if ruling.id != ruling_id:
        raise RulingChanged
    if ruling.proposed_by_id == actor.id:
        raise SecondPersonRequired
    ruling.confirmed_by = actor
    _write_down("ruling_confirmed", actor, dispute, ruling, reason or ruling.reason)
    _carry_out(dispute, ruling)
    return dispute


def drop_proposal(dispute: Dispute) -> None:
    """What was proposed, and nobody has confirmed, is proposed no more."""
    dispute.rulings.filter(status=Ruling.Status.PROPOSED).update(status=Ruling.Status.DROPPED)


def _write_down(action: str, actor: User, dispute: Dispute, ruling: Ruling, reason: str) -> None:
    what = audit.values_of(ruling, "resolution", "buyer_amount", "finding", "compensation")
    write_down(action, actor, dispute, reason=reason, amount=dispute.trade.amount, **what)


def _lock_for_ruling(dispute_id: UUID, actor: User) -> Dispute:
    require_admin(actor)
    dispute = lock_dispute(dispute_id, with_book=True)
    require_hand(actor, dispute)
    require_live(dispute)
    return dispute


def _propose(dispute: Dispute, ruling: Ruling) -> None:
    ruling.save()
    record(dispute, Entry.PROPOSED, Actor.STAFF, ruling.proposed_by_id, f"{ruling}: {ruling.reason}", internal=True)
    if dispute.assignee is None:
        dispute.assignee, dispute.status = ruling.proposed_by, Dispute.Status.IN_REVIEW
    staff_acted(dispute)
    dispute.version += 1
    dispute.save()
    jobs.defer("disputes.page_staff", dispute_id=str(dispute.id), about="second_person")


def _carry_out(dispute: Dispute, ruling: Ruling) -> None:
    ruling.status = Ruling.Status.MADE
    news: list[NewEvent] = []
    if ruling.resolution:
        action = RULINGS[Resolution(ruling.resolution)]
        news = advance(dispute.trade, action, Actor.STAFF, note=ruling.reason, buyer_amount=ruling.buyer_amount)
    elif ruling.compensation:
        news = _ask_for_compensation(dispute.trade, ruling)
    ruling.save()
    close(dispute, Dispute.Status.RESOLVED)
    dispute.resolution, dispute.buyer_amount, dispute.finding = ruling.resolution, ruling.buyer_amount, ruling.finding
    dispute.resolved_by = ruling.proposed_by
    speaker = ruling.confirmed_by or ruling.proposed_by
    events.append(news + change(dispute, Entry.RESOLVED, Actor.STAFF, speaker.id, ruling.reason))


def _ask_for_compensation(trade: Trade, ruling: Ruling) -> list[NewEvent]:
    favoured = trade.buyer if ruling.finding == Finding.BUYER else trade.seller
    _, calls = ask_for_adjustment(
        user=favoured,
        amount=ruling.compensation or ZERO,
        reason=f"Dispute after the end of trade {trade.reference}",
        requested_by=ruling.proposed_by,
        owed=True,
    )
    return calls


def _ruling(
    dispute: Dispute,
    resolution: str | None,
    buyer_amount: Decimal | None,
    finding: str | None,
    compensation: Decimal | None,
) -> Ruling:
    """What is ruled, with what of the trade's amount goes to the buyer. Raises Invalid."""
    if dispute.after_end:
        if resolution is not None or buyer_amount is not None:
            raise Invalid("The trade has ended, and the escrow is gone: give a finding.", field="resolution")
        return Ruling(dispute=dispute, finding=_finding(finding, compensation), compensation=compensation)
    if finding is not None or compensation is not None:
        raise Invalid("While there is an escrow, give a resolution.", field="finding" if finding else "compensation")
    if resolution is None:
        raise Invalid("Say where the escrow goes.", field="resolution")
    share = _buyer_share(dispute.trade, Resolution(resolution), buyer_amount)
    return Ruling(dispute=dispute, resolution=resolution, buyer_amount=share)


def _finding(finding: str | None, compensation: Decimal | None) -> Dispute.Finding:
    if finding is None:
        raise Invalid("Say who was right.", field="finding")
    if compensation is not None and compensation <= 0:
        raise Invalid("A compensation is more than nothing.", field="compensation")
    if compensation is not None and finding == Finding.NEITHER:
        raise Invalid("Only who was right is compensated.", field="compensation")
    return Finding(finding)


def _buyer_share(trade: Trade, ruling: Dispute.Resolution, asked: Decimal | None) -> Decimal:
    if ruling is not Resolution.SPLIT:
        if asked is not None:
            raise Invalid("Only a split has an amount for the buyer.", field="buyer_amount")
        return trade.amount if ruling is Resolution.RELEASE else ZERO
    if asked is None or not ZERO < asked < trade.amount:
        raise Invalid("A split gives the buyer more than nothing and less than all.", field="buyer_amount")
    return asked
