"""What one of staff asked for, and another one decides on."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts import approvals
from accounts.models import Approval
from iqx.core.errors import NotFound
from iqx.desk import history
from iqx.desk.templatetags.desk import money
from iqx.desk.views.base import DeskPage, Form
from iqx.desk.views.neighbours import after
from wallets.models import Wallet


class ApprovalPage(DeskPage):
    template = "desk/approval.html"
    queue = "approvals"
    actions = ("approve", "refuse", "take_back")
    money_actions = frozenset({"approve"})

    def context(self, approval_id: UUID) -> dict[str, Any]:
        approval = approvals.approvals().filter(pk=approval_id).first()
        if approval is None:
            raise NotFound
        return {
            "title": f"{approval.get_kind_display()} of {approval.user.display_name}",
            "approval": approval,
            "person": approval.user,
            "subject": _subject(approval),
            **(_correction(approval) if approval.kind == Approval.Kind.ADJUSTMENT else {}),
            "is_own": self.actor.pk in {approval.requested_by_id, approval.user_id},
            "following": after(self.queue, approval.pk),
        }

    def approve(self, form: Form, approval_id: UUID) -> str:
        approvals.approve(approval_id=approval_id, actor=self.actor, note=form.reason())
        return "Approved, and done: who asked is told."

    def take_back(self, _form: Form, approval_id: UUID) -> str:
        approvals.take_back(approval_id=approval_id, actor=self.actor)
        return "Taken back: nobody is asked any more."

    def refuse(self, form: Form, approval_id: UUID) -> str:
        approvals.refuse(approval_id=approval_id, actor=self.actor, note=form.reason())
        return "Refused: nothing happens, and who asked is told why."


def _subject(approval: Approval) -> str:
    """The page where one sees what it is about."""
    if approval.kind == Approval.Kind.WITHDRAWAL:
        return reverse("desk:withdrawal", args=[approval.subject_id])
    return reverse("desk:person", args=[approval.user_id])


def _correction(approval: Approval) -> dict[str, Any]:
    """What an adjustment would move, and what moved last."""
    amount = Decimal(approval.payload["amount"])
    return {
        "wallet": Wallet.objects.filter(pk=approval.user_id).first(),
        "moves": [
            (approval.user.display_name, f"{'+' if amount > 0 else ''}{money(amount)}", ""),
            ("IQX, for adjustments", f"{'+' if amount < 0 else ''}{money(-amount)}", ""),
        ],
        "entries": history.moves_of(approval.user_id),
    }
