"""Reads: the disputes about one's own trades, and all of them for staff."""

from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from disputes.models import Dispute, DisputeEntry, DisputeFile, DisputeHelper, Ruling
from iqx.core.errors import NotAllowed, NotFound


def _timeline(*more: str) -> "Prefetch[str, QuerySet[DisputeEntry], str]":
    """With the files of its entries."""
    files = DisputeFile.objects.select_related("file").prefetch_related(*more)
    return Prefetch("timeline", DisputeEntry.objects.prefetch_related(Prefetch("files", files)))


def disputes_of(user_id: UUID) -> QuerySet[Dispute]:
    """Those about trades that the user is a party to, whoever opened them."""
    mine = Q(trade__buyer=user_id) | Q(trade__seller=user_id)
    return Dispute.objects.filter(mine).select_related("trade").prefetch_related(_timeline())


def get_dispute(*, dispute_id: UUID, user_id: UUID) -> Dispute:
    """A dispute of one's own. Raises NotFound, for a stranger's too."""
    dispute = disputes_of(user_id).filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    return dispute


def all_disputes() -> QuerySet[Dispute]:
    """For staff: with the persons, the rulings and staff's own notes."""
    related = ("trade__buyer", "trade__seller", "assignee", "resolved_by")
    helpers = Prefetch("helpers", DisputeHelper.objects.select_related("user").order_by("pk"))
    rulings = Prefetch("rulings", Ruling.objects.select_related("proposed_by", "confirmed_by"))
    return Dispute.objects.select_related(*related).prefetch_related(_timeline("copies"), helpers, rulings)


def get_any_dispute(dispute_id: UUID) -> Dispute:
    """For staff. Raises NotFound."""
    dispute = all_disputes().filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    return dispute


def get_dispute_to_handle(*, dispute_id: UUID, reader: User) -> Dispute:
    """For staff, and for who was called in as a helper to this one. Raises: NotAllowed, NotFound."""
    if not reader.is_staff and not DisputeHelper.objects.filter(dispute=dispute_id, user=reader).exists():
        raise NotAllowed
    return get_any_dispute(dispute_id)
