"""The dispute desk: both stories, the chat, the evidence, who the parties are, and what each outcome would move."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import Role, User
from disputes import services
from disputes.history import history_of
from disputes.models import Dispute, Ruling
from disputes.representations import staff_entry_json
from disputes.selectors import get_any_dispute
from iqx.core.errors import Invalid
from iqx.core.money import ZERO
from iqx.desk.templatetags.desk import money
from iqx.desk.views.base import DeskPage, Form, amount_of
from iqx.desk.views.neighbours import after
from orders.models import Order
from trades.models import Step, Trade
from trades.room import add_messages, any_room, entry_json
from trades.settlement import sale_of

Resolution = Dispute.Resolution
_ROOM_AT_MOST = 300


class DisputePage(DeskPage):
    template = "desk/dispute.html"
    queue = "disputes"
    actions = ("assign", "give", "comment", "note", "resolve", "find", "confirm")
    money_actions = frozenset({"resolve", "find", "confirm"})

    def context(self, dispute_id: UUID) -> dict[str, Any]:
        dispute = get_any_dispute(dispute_id)
        trade = dispute.trade
        split = self._asked_split(trade)
        return {
            "title": f"Dispute about {trade.reference}",
            "dispute": dispute,
            "trade": trade,
            "timeline": [
                staff_entry_json(entry) | {"at": entry.at, "by": entry.actor} for entry in dispute.timeline.all()
            ],
            "room": _room(trade),
            "history": history_of(dispute),
            "outcomes": [] if dispute.after_end or not dispute.is_live else _outcomes(trade, split),
            "split": split,
            "needs_second": trade.amount > settings.DISPUTE_SECOND_PERSON_ABOVE and not dispute.after_end,
            "limit": settings.DISPUTE_SECOND_PERSON_ABOVE,
            "proposal": next((r for r in dispute.rulings.all() if r.status == Ruling.Status.PROPOSED), None),
            "findings": Dispute.Finding.choices,
            "colleagues": _colleagues(),
            "following": after(self.queue, dispute.pk),
        }

    def assign(self, _form: Form, dispute_id: UUID) -> str:
        services.assign_dispute(dispute_id=dispute_id, actor=self.actor)
        return "It is yours: both parties see that somebody looks into it."

    def give(self, form: Form, dispute_id: UUID) -> str:
        colleague = _colleagues().filter(pk=form.uuid("to")).first() if form.text("to") else None
        if colleague is None:
            raise Invalid("Choose somebody.", field="to")
        reason = form.text("reason")[:200]
        services.assign_dispute(dispute_id=dispute_id, actor=self.actor, assignee=colleague, reason=reason)
        return f"It is {colleague.display_name}'s now."

    def comment(self, form: Form, dispute_id: UUID) -> str:
        asks = [party for party in form.checked("asks") if party in {"buyer", "seller"}]
        services.comment_on_dispute(dispute_id=dispute_id, actor=self.actor, note=form.reason(), asks=asks)
        return "Sent to both parties."

    def note(self, form: Form, dispute_id: UUID) -> str:
        services.note_on_dispute(dispute_id=dispute_id, actor=self.actor, note=form.reason())
        return "Noted, for staff alone."

    def resolve(self, form: Form, dispute_id: UUID) -> str:
        resolution = form.text("resolution")
        if resolution not in Resolution.values:
            raise Invalid("Say where the escrow goes.", field="resolution")
        amount = form.amount("buyer_amount") if resolution == Resolution.SPLIT else None
        dispute = services.resolve_dispute(
            dispute_id=dispute_id, actor=self.actor, resolution=resolution, buyer_amount=amount, reason=form.reason()
        )
        return _told(dispute)

    def find(self, form: Form, dispute_id: UUID) -> str:
        compensation = form.text("compensation")
        dispute = services.resolve_dispute(
            dispute_id=dispute_id,
            actor=self.actor,
            finding=form.text("finding") or None,
            compensation=form.amount("compensation") if compensation else None,
            reason=form.reason(),
        )
        return _told(dispute)

    def confirm(self, form: Form, dispute_id: UUID) -> str:
        ruling_id = form.uuid("ruling")
        services.confirm_ruling(dispute_id=dispute_id, actor=self.actor, ruling_id=ruling_id, reason=form.reason())
        return "Confirmed: the ruling is carried out, and both parties are told."

    def _asked_split(self, trade: Trade) -> Decimal:
        """What the page is asked to show a split for: a half, if for nothing."""
        half: Decimal = (trade.amount / 2).quantize(Decimal("0.01"))
        try:
            asked = amount_of(self.request.GET.get("split", ""), "split")
        except Invalid:
            return half
        return asked if ZERO < asked < trade.amount else half


def _told(dispute: Dispute) -> str:
    if dispute.is_live:
        return "Proposed. Another admin has to confirm it before anything moves."
    return "Ruled, and carried out: both parties are told why."


def _colleagues() -> Any:  # noqa: ANN401 a queryset of users
    return User.objects.filter(role__in=[Role.SUPPORT, Role.ADMIN], is_active=True).order_by("display_name")


def _room(trade: Trade) -> list[dict[str, Any]]:
    entries = list(any_room(trade.pk).order_by("key")[:_ROOM_AT_MOST])
    add_messages(entries)
    return [entry_json(entry, reader=Step.Actor.STAFF, read_to=None) | {"at": entry.at} for entry in entries]


def _outcomes(trade: Trade, split: Decimal) -> list[dict[str, Any]]:
    """Each ruling, with what it would move in whose wallet: nothing is written."""
    return [
        {
            "code": Resolution.RELEASE,
            "name": "Release to the buyer",
            "why": "The payment arrived, or the buyer has proven it.",
            "rows": _movement(trade, trade.amount),
        },
        {
            "code": Resolution.REFUND,
            "name": "Refund to the seller",
            "why": "Nothing was paid, or it was paid back or forged.",
            "rows": _refund(trade),
        },
        {
            "code": Resolution.SPLIT,
            "name": "Split between them",
            "why": "A part was paid, or both are to blame.",
            "rows": _movement(trade, split),
        },
    ]


def _movement(trade: Trade, buyer_amount: Decimal) -> list[tuple[str, str, str]]:
    """Whose account, what is added to what is available, and to what is locked."""
    transfer = sale_of(trade, buyer_amount).transfer
    names = {trade.buyer_id: trade.buyer.display_name, trade.seller_id: trade.seller.display_name}
    rows = [(names[leg.wallet], _signed(leg.available), _signed(leg.locked)) for leg in transfer.legs]
    return rows + [(f"IQX, for {leg.account.label.lower()}", _signed(leg.amount), "") for leg in transfer.system]


def _refund(trade: Trade) -> list[tuple[str, str, str]]:
    name = trade.seller.display_name
    if Order.objects.filter(pk=trade.sell_order_id, status__in=Order.LIVE).exists():
        return [(f"{name}: back into the order, which is in the book", "0", "0")]
    return [(name, _signed(trade.escrow), _signed(-trade.escrow))]


def _signed(amount: Decimal) -> str:
    return f"+{money(amount)}" if amount > 0 else money(amount) if amount else ""
