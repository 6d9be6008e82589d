from collections.abc import Sequence
from uuid import UUID

from accounts.models import User
from accounts.staff import require_member, require_staff
from disputes.models import Dispute, DisputeHelper
from disputes.services.case import (
    Entry,
    await_answer,
    change,
    lock_dispute,
    record,
    require_hand,
    require_live,
    staff_acted,
    write_down,
)
from iqx.core import clock, events
from iqx.core.errors import NotFound
from iqx.core.transactions import use_case
from trades.escrow import Actor


@use_case
def assign_dispute(*, dispute_id: UUID, actor: User, assignee: User | None = None, reason: str = "") -> Dispute:
    """Give the dispute to a member of staff, oneself by default, who then reviews it.

    Locks: the trade, the dispute, streams. Raises: NotAllowed, NotFound, PartyToTheTrade, HelperOnly, DisputeClosed,
    Busy. Emits: dispute_updated.
    """
    assignee = assignee or actor
    require_staff(actor)
    require_member(assignee)
    dispute = lock_dispute(dispute_id)
    require_hand(assignee, dispute)
    require_hand(actor, dispute)
    require_live(dispute)
    dispute.assignee, dispute.status = assignee, Dispute.Status.IN_REVIEW
    staff_acted(dispute)
    write_down("dispute_assigned", actor, dispute, reason=reason, assignee=assignee.id)
    events.append(change(dispute, Entry.ASSIGNED, Actor.STAFF, actor.id))
    return dispute


@use_case
def comment_on_dispute(*, dispute_id: UUID, actor: User, note: str, asks: Sequence[str] = ()) -> Dispute:
    """Ask or tell both parties something, as staff; who is asked has the time of an answer anew.

    Locks: the trade, the dispute, streams. Raises: NotAllowed, NotFound, PartyToTheTrade, HelperOnly, DisputeClosed,
    Busy. Emits: dispute_updated.
    """
    dispute = _lock_as_staff(dispute_id, actor)
    require_live(dispute)
    for party in asks:
        await_answer(dispute, party)
    staff_acted(dispute)
    write_down("dispute_commented", actor, dispute, asks=list(asks))
    events.append(change(dispute, Entry.COMMENT, Actor.STAFF, actor.id, note))
    return dispute


@use_case
def note_on_dispute(*, dispute_id: UUID, actor: User, note: str) -> Dispute:
    """Write, as staff, what staff alone read; also of a closed dispute.

    Locks: the trade, the dispute. Raises: NotAllowed, NotFound, PartyToTheTrade, HelperOnly, Busy.
    """
    dispute = _lock_as_staff(dispute_id, actor)
    record(dispute, Entry.NOTE, Actor.STAFF, actor.id, note, internal=True)
    write_down("dispute_noted", actor, dispute)
    if dispute.is_live:
        staff_acted(dispute)
        dispute.save(update_fields=["staff_due_at", "warned"])
    return dispute


@use_case
def add_helper(*, dispute_id: UUID, actor: User, helper: User, reason: str = "") -> Dispute:
    """Let somebody, who is no party, read this dispute, and do nothing in it.

    Locks: the trade, the dispute. Raises: NotAllowed, NotFound, PartyToTheTrade, HelperOnly, DisputeClosed, Busy.
    """
    dispute = _lock_as_staff(dispute_id, actor)
    require_live(dispute)
    require_hand(helper, dispute)
    if helper.id == dispute.assignee_id:
        dispute.assignee, dispute.status = None, Dispute.Status.OPEN
        dispute.save(update_fields=["assignee", "status"])
    DisputeHelper.objects.create(dispute=dispute, user=helper, added_by=actor, at=clock.now())
    record(dispute, Entry.HELPER, Actor.STAFF, actor.id, f"{helper.display_name} may read.", internal=True)
    write_down("dispute_helper_added", actor, dispute, reason=reason, helper=helper.id)
    return dispute


@use_case
def remove_helper(*, dispute_id: UUID, actor: User, helper_id: UUID) -> None:
    """Let a helper read no more. Locks: the trade, the dispute. Raises: NotAllowed, NotFound, PartyToTheTrade, Busy."""
    dispute = _lock_as_staff(dispute_id, actor)
    helper = dispute.helpers.filter(user=helper_id).select_related("user").first()
    if helper is None:
        raise NotFound
    helper.delete()
    note = f"{helper.user.display_name} may read no more."
    record(dispute, Entry.HELPER, Actor.STAFF, actor.id, note, internal=True)
    write_down("dispute_helper_removed", actor, dispute, helper=helper_id)


def _lock_as_staff(dispute_id: UUID, actor: User) -> Dispute:
    require_staff(actor)
    dispute = lock_dispute(dispute_id)
    require_hand(actor, dispute)
    return dispute
