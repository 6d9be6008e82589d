"""E-mail by SMTP, through Django."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.mail import marked
from iqx.notices.outcomes import Failed, Parcel, Refused


class Email:
    def is_available(self) -> bool:
        return True

    def send(self, parcel: Parcel) -> str:
        """SMTP knows no repeats, so each attempt carries the same Message-ID, by which mailboxes know them."""
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        message_id = f"<{parcel.id}@{domain}>"
        headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
        body = f"{parcel.text.body}\n\n{settings.PUBLIC_URL}{parcel.link}\n"
        try:
            EmailMessage(parcel.text.title, marked(body, parcel.word), None, [parcel.to], headers=headers).send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _of_recipient(error) from error
        except smtplib.SMTPResponseException as error:
            raise Failed(f"SMTP {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Failed(type(error).__name__) from error
        return message_id


def _of_recipient(error: smtplib.SMTPRecipientsRefused) -> Failed | Refused:
    code = max(code for code, _ in error.recipients.values())
    return Refused(f"SMTP {code}: the mailbox is not known") if code >= 550 else Failed(f"SMTP {code}")
