"""Jobs: paging staff about tickets that they owe an answer."""

from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import mail
from support.selectors import get_any_ticket

_retry = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="support.page_staff", retry=_retry)
def page_staff(*, ticket_id: str) -> None:
    ticket = get_any_ticket(UUID(ticket_id))
    to = ticket.assignee.email if ticket.assignee else settings.STAFF_EMAIL
    if not to or ticket.due_at is None:
        return
    context = {"ticket": ticket, "address": settings.PUBLIC_URL}
    subject, _, body = render_to_string("support/mail/page.txt", context).partition("\n")
    mail.send(to, subject, body.lstrip("\n"))
