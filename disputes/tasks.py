"""Jobs: paging staff about disputes, by e-mail."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import mail
from disputes.models import Dispute
from disputes.selectors import get_any_dispute

_retry = RetryStrategy(max_attempts=6, exponential_wait=4)

_ABOUT: Final = {
    "buyer_due": "the buyer's time to answer is nearly up",
    "seller_due": "the seller's time to answer is nearly up",
    "buyer_silent": "the buyer has not answered",
    "seller_silent": "the seller has not answered",
    "staff_due": "staff have to act soon",
    "reassigned": "it is yours now",
    "second_person": "a ruling waits for a second admin",
}


@app.task(name="disputes.page_staff", retry=_retry)
def page_staff(*, dispute_id: str, about: str) -> None:
    dispute = get_any_dispute(UUID(dispute_id))
    to = _whom(dispute, about)
    if not to or not dispute.is_live:
        return
    context = {"dispute": dispute, "about": _ABOUT[about], "address": settings.PUBLIC_URL}
    subject, _, body = render_to_string("disputes/mail/page.txt", context).partition("\n")
    mail.send(to, subject, body.lstrip("\n"))


def _whom(dispute: Dispute, about: str) -> str:
    """The assignee, or all of staff; a second person is by nature somebody else than the first."""
    if dispute.assignee is None or about == "second_person":
        return str(settings.STAFF_EMAIL)
    return dispute.assignee.email
