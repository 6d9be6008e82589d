"""Identity review: what was written beside what was photographed."""

from typing import Any
from uuid import UUID

from accounts.kyc.representations import opened_submission_json
from accounts.kyc.services import approve_kyc, open_submission, reject_kyc
from accounts.models import KycSubmission
from iqx.core.errors import Invalid
from iqx.desk.views.base import DeskPage, Form
from iqx.desk.views.neighbours import after

_LEVELS = {"1", "2"}
_REASONS = (
    "The picture can't be read: send one in daylight, with all four corners in it.",
    "The document has expired.",
    "The name differs from the one on the document.",
    "The selfie does not show the person of the document.",
)
_GROUNDS = (
    "Name, number and selfie fit the document, and it is valid.",
    "The proof of address fits, too, and is recent.",
)


class IdentityPage(DeskPage):
    template = "desk/kyc.html"
    queue = "kyc"
    actions = ("approve", "reject")

    def context(self, submission_id: UUID) -> dict[str, Any]:
        submission = open_submission(submission_id=submission_id, actor=self.actor)
        earlier = KycSubmission.objects.filter(user=submission.user).exclude(pk=submission.pk)
        return {
            "title": f"Identity of {submission.user.display_name}",
            "submission": submission,
            "person": submission.user,
            "opened": opened_submission_json(submission),
            "earlier": earlier.select_related("reviewed_by").order_by("-id")[:8],
            "reasons": _REASONS,
            "grounds": _GROUNDS,
            "following": after(self.queue, submission.pk),
        }

    def approve(self, form: Form, submission_id: UUID) -> str:
        level = form.text("level")
        if level not in _LEVELS:
            raise Invalid("Choose a level.", field="level")
        approve_kyc(submission_id=submission_id, actor_id=self.actor.pk, level=int(level), reason=form.reason())
        return f"Verified, for level {level}."

    def reject(self, form: Form, submission_id: UUID) -> str:
        reject_kyc(submission_id=submission_id, actor_id=self.actor.pk, reason=form.reason())
        return "Refused: the person is told why, and may send in anew."
