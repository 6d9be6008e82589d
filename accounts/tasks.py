"""Jobs: mail, and tidying up."""

import logging
from datetime import timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.template.loader import render_to_string
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import services
from accounts.models import User

logger = logging.getLogger(__name__)

_retry = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="accounts.mail_code", retry=_retry)
def mail_code(*, token_id: str) -> None:
    mail = services.issue_code(token_id=UUID(token_id))
    if mail:
        _send(mail.template, mail.to, code=mail.code, hours=mail.valid_for // timedelta(hours=1))


@app.task(name="accounts.mail_password_changed", retry=_retry)
def mail_password_changed(*, user_id: str) -> None:
    _send("password_changed", User.objects.values_list("email", flat=True).get(pk=user_id))


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.purge", pass_context=False)
def purge(timestamp: int) -> None:
    logger.info("Purged: %s", services.purge())


def _send(template: str, to: str, **context: object) -> None:
    """Mail a template, whose first line is the subject."""
    subject, _, body = render_to_string(f"accounts/mail/{template}.txt", context).partition("\n")
    send_mail(subject, body.lstrip("\n"), None, [to])
