"""What time brings to a dispute: warnings, pages, and somebody else to look at it. Never a ruling."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from disputes.models import Dispute, Ruling
from disputes.services.case import PARTIES, Entry, in_time, publish, record, staff_acted, stop_awaiting
from iqx.core import clock, events, jobs, rounds
from iqx.core.clock import rfc3339
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case
from trades.escrow import Actor
from trades.models import Trade

_MEANING: Final = (
    "Silence is no confession, and no clock rules: staff decide by what is there and what the other side says."
)
_WHO: Final = (*PARTIES, Actor.STAFF)


def tend_disputes(limit: int = 100) -> int:
    """Do what is due in disputes; how many had something due. Any number of workers may do so at once.

    A party who has not answered is told what that means, before his time is up and when it is. Staff are paged before
    every deadline. A dispute that nobody took, or whose assignee does nothing, is given to somebody else.
    """
    found = list(_due().order_by("staff_due_at").values_list("pk", "trade_id")[:limit])
    return rounds.each(found, _tend)


def _due() -> QuerySet[Dispute]:
    """Every live dispute with a deadline that is past, or near and not yet warned of."""
    now = clock.now()
    soon = now + in_time("warning")
    due = Q(trade__deadline__lte=soon) & (Q(warned_of=None) | ~Q(warned_of=F("trade__deadline")))
    for who in _WHO:
        due |= Q(**{f"{who}_due_at__lte": now}) | Q(**{f"{who}_due_at__lte": soon}) & ~Q(warned__contains=[who])
    return Dispute.objects.filter(due, staff_due_at__isnull=False)


@use_case
def _tend(found: tuple[UUID, UUID]) -> bool:
    """Locks: the trade, the dispute, streams. Emits: dispute_updated."""
    dispute_id, trade_id = found
    trades = lock(LockRank.TRADE, Trade.objects.filter(pk=trade_id).select_related("buyer", "seller"), skip_locked=True)
    if not trades:
        return False
    claimed = lock(LockRank.DISPUTE, _due().filter(pk=dispute_id).select_related("assignee"), skip_locked=True)
    for dispute in claimed:
        (dispute.trade,) = trades
        now = clock.now()
        for party in PARTIES:
            _tend_party(dispute, party, getattr(dispute, f"{party}_due_at"), now)
        _tend_staff(dispute, now)
        events.append(publish(dispute))
    return bool(claimed)


def _tend_party(dispute: Dispute, party: Actor, due_at: datetime | None, now: datetime) -> None:
    if due_at is None:
        return
    if due_at <= now:
        stop_awaiting(dispute, party)
        record(dispute, Entry.SILENT, Actor.SYSTEM, note=f"The {party} has not answered in time. {_MEANING}")
        _page(dispute, f"{party}_silent")
    elif due_at <= now + in_time("warning") and party not in dispute.warned:
        dispute.warned = [*dispute.warned, party]
        text = f"The {party} has until {rfc3339(due_at)} to answer. {_MEANING}"
        record(dispute, Entry.WARNED, Actor.SYSTEM, note=text)
        _page(dispute, f"{party}_due")


def _tend_staff(dispute: Dispute, now: datetime) -> None:
    soon, escalates_at = now + in_time("warning"), dispute.trade.deadline
    if dispute.staff_due_at and dispute.staff_due_at <= now:
        _give_to_another(dispute)
    elif dispute.staff_due_at and dispute.staff_due_at <= soon and Actor.STAFF not in dispute.warned:
        dispute.warned = [*dispute.warned, Actor.STAFF.value]
        _remind_staff(dispute, dispute.staff_due_at)
    if escalates_at and escalates_at <= soon and dispute.warned_of != escalates_at:
        dispute.warned_of = escalates_at
        _remind_staff(dispute, escalates_at)


def _remind_staff(dispute: Dispute, due_at: datetime) -> None:
    record(dispute, Entry.WARNED, Actor.SYSTEM, note=f"Staff were reminded to act by {rfc3339(due_at)}.")
    _page(dispute, "staff_due")


def _give_to_another(dispute: Dispute) -> None:
    """To who has the fewest disputes on his desk; if there is nobody else, all of staff are paged."""
    staff_acted(dispute)
    chosen = _candidates(dispute).first()
    if chosen is None:
        _remind_staff(dispute, dispute.staff_due_at or clock.now())
        return
    silent = dispute.status == Dispute.Status.IN_REVIEW
    dispute.assignee, dispute.status = chosen, Dispute.Status.IN_REVIEW
    why = "The assignee did nothing in time; another member" if silent else "Nobody took the dispute in time; a member"
    record(dispute, Entry.REASSIGNED, Actor.SYSTEM, note=f"{why} of staff has it now.")
    _page(dispute, "reassigned")


def _candidates(dispute: Dispute) -> QuerySet[User]:
    """Staff who may handle the dispute and don't yet, the least busy first. Who confirms a ruling is another admin."""
    proposal = dispute.rulings.filter(status=Ruling.Status.PROPOSED).first()
    roles = [Role.ADMIN] if proposal else [Role.SUPPORT, Role.ADMIN]
    excluded = {dispute.trade.buyer_id, dispute.trade.seller_id, *dispute.helpers.values_list("user_id", flat=True)}
    if dispute.assignee_id:
        excluded.add(dispute.assignee_id)
    if proposal:
        excluded.add(proposal.proposed_by_id)
    on_desk = Dispute.objects.filter(status=Dispute.Status.IN_REVIEW, assignee=OuterRef("pk")).order_by()
    load = Coalesce(Subquery(on_desk.values("assignee").annotate(n=Count("pk")).values("n")), 0)
    staff = User.objects.filter(is_active=True, role__in=roles).exclude(pk__in=excluded)
    return staff.annotate(load=load).order_by("load", "pk")


def _page(dispute: Dispute, about: str) -> None:
    jobs.defer("disputes.page_staff", dispute_id=str(dispute.id), about=about)
