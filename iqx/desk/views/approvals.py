"""What one of staff asked for, and another one decides on."""

from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts import approvals
from accounts.models import Approval
from iqx.core.errors import NotFound
from iqx.desk.views.base import DeskPage, Form
from iqx.desk.views.neighbours import after


class ApprovalPage(DeskPage):
    template = "desk/approval.html"
    queue = "approvals"
    actions = ("approve", "refuse", "take_back")
    money_actions = frozenset({"approve"})

    def context(self, approval_id: UUID) -> dict[str, Any]:
        approval = approvals.approvals().filter(pk=approval_id).first()
        if approval is None:
            raise NotFound
        page = "desk:withdrawal" if approval.kind == Approval.Kind.WITHDRAWAL else "desk:person"
        return {
            "title": f"{approval.get_kind_display()} of {approval.user.display_name}",
            "approval": approval,
            "person": approval.user,
            "subject": reverse(page, args=[approval.subject_id]),
            "is_own": self.actor.pk in {approval.requested_by_id, approval.user_id},
            "following": after(self.queue, approval.pk),
        }

    def approve(self, form: Form, approval_id: UUID) -> str:
        approvals.approve(approval_id=approval_id, actor=self.actor, note=form.text("note")[:500])
        return "Approved, and done: who asked is told."

    def take_back(self, _form: Form, approval_id: UUID) -> str:
        approvals.take_back(approval_id=approval_id, actor=self.actor)
        return "Taken back: nobody is asked any more."

    def refuse(self, form: Form, approval_id: UUID) -> str:
        approvals.refuse(approval_id=approval_id, actor=self.actor, note=form.reason())
        return "Refused: nothing happens, and who asked is told why."
