"""Jobs: mail, and tidying up."""

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import mail, services
from accounts.models import AlertKind

TEXTS: Final = {
    AlertKind.NEW_LOGIN: ("A new log-in", "Somebody logged in to your account from a new place or device."),
    AlertKind.PASSWORD_CHANGED: (
        "Your password was changed",
        "The password of your account was changed, and all other devices were logged out.",
    ),
    AlertKind.TWO_FACTOR_ENABLED: ("Your second factor is on", "A second factor was set up for your account."),
    AlertKind.TWO_FACTOR_DISABLED: ("Your second factor is off", "The second factor of your account was taken away."),
    AlertKind.PASSKEY_ADDED: ("A new passkey", "A passkey was added to your account."),
    AlertKind.PASSKEY_REMOVED: ("A passkey was removed", "A passkey of your account was removed."),
    AlertKind.API_KEY_CREATED: ("A new API key", "An API key was made for your account."),
    AlertKind.WITHDRAWAL_ADDRESS_ADDED: (
        "A new withdrawal address",
        "An address was added to the address book of your account.",
    ),
    AlertKind.ACCOUNT_SECURED: (
        "Your account is locked down",
        "You said that it was not you: all sessions were ended, all API keys revoked, and withdrawals are held. "
        "A code with which to choose a new password is on its way to you.",
    ),
}

logger = logging.getLogger(__name__)

_retry = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="accounts.mail_code", retry=_retry)
def mail_code(*, token_id: str) -> None:
    issued = services.issue_code(token_id=UUID(token_id))
    if issued:
        _send(issued.template, issued.to, code=issued.code, hours=issued.valid_for // timedelta(hours=1))


@app.task(name="accounts.mail_alert", retry=_retry)
def mail_alert(*, alert_id: str) -> None:
    issued = services.issue_alert(alert_id=UUID(alert_id))
    if issued:
        alert = issued.alert
        title, text = TEXTS[AlertKind(alert.kind)]
        _send("alert", issued.to, title=title, text=text, alert=alert, code=issued.code)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.purge", pass_context=False)
def purge(timestamp: int) -> None:
    logger.info("Purged: %s", services.purge())


def _send(template: str, to: str, **context: object) -> None:
    """Mail a template, whose first line is the subject."""
    shown = context | {"site": settings.PUBLIC_URL}
    subject, _, body = render_to_string(f"accounts/mail/{template}.txt", shown).partition("\n")
    mail.send(to, subject, body.lstrip("\n"))
