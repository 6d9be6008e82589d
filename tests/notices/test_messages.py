"""Notices on their way to people: by which channels, when, and by the real protocols."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from accounts.models import User
from iqx.notices import posting
from iqx.notices.models import Delivery, Preferences
from iqx.notices.posting import LEASE, send_messages
from iqx.notices.recipients import quiet_until
from iqx.notices.services import change_preferences
from tests.factories.orders import MovedClock
from tests.notices.conftest import tell
from tests.services import free_port

pytestmark = pytest.mark.django_db


class Mailbox:
    """A mail server that keeps what it takes; `refusal` is what it says instead."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refusal = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        from email import message_from_bytes

        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A real SMTP server, which mail goes to."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
    yield box
    server.stop()


def mailed(user: User) -> Delivery:
    return Delivery.objects.get(user=user, route="email")


def test_a_notice_is_mailed_once(user: User, mailbox: Mailbox) -> None:
    tell(user)
    assert send_messages() == 1
    assert send_messages() == 0
    (mail,) = mailbox.mails
    assert mail["To"] == user.email
    assert mail["Subject"] == "Trade IQX-HRTN2ZVPNF: the buyer says that he has paid"
    body = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "92.75 EUR from Bob" in body
    assert "/trades/01a2065d-c396-778d-8b70-43545b25bc67" in body
    assert (mailed(user).state, mailed(user).answer) == ("sent", mail["Message-ID"])


def test_a_mail_that_may_have_gone_out_goes_again_under_the_same_id(
    user: User, mailbox: Mailbox, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SMTP knows no better: mailboxes know the repeat by its Message-ID."""
    tell(user)
    with monkeypatch.context() as crash:
        crash.setattr(posting, "note", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_messages()
    moved_clock.pass_by(LEASE.total_seconds())
    send_messages()
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert mailed(user).state == "sent"


def test_a_busy_mail_server_is_asked_again(user: User, mailbox: Mailbox, moved_clock: MovedClock) -> None:
    mailbox.refusal = "451 later"
    tell(user)
    send_messages()
    assert (mailed(user).state, mailed(user).answer) == ("failed", "SMTP 451")
    mailbox.refusal = ""
    moved_clock.pass_by(60)
    send_messages()
    assert mailed(user).state == "sent"


def test_a_mailbox_that_does_not_exist_is_given_up(user: User, mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such user"
    tell(user)
    send_messages()
    assert mailed(user).state == "dead"


def test_a_mail_server_that_is_away_is_given_up_at_last(
    user: User, settings: Any, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    tell(user)
    for _ in range(10):
        send_messages()
        moved_clock.pass_by(100_000)
    delivery = mailed(user)
    assert (delivery.state, delivery.attempts) == ("dead", len(posting.PAUSES["email"]) + 1)


def test_what_is_switched_off_is_not_mailed(user: User) -> None:
    change_preferences(user_id=user.pk, notices={"trade_paid": {"email": False}})
    tell(user)
    assert not Delivery.objects.exists()


def test_an_address_that_nobody_proved_gets_no_mail_where_that_is_asked_for(user: User, settings: Any) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = True
    tell(user)
    assert not Delivery.objects.exists()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 28, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "zone", "now", "until"),
    [
        (22, 7, "UTC", at(23), datetime(2026, 3, 29, 7, tzinfo=UTC)),
        (22, 7, "UTC", at(6, 59), at(7)),
        (22, 7, "UTC", at(7), at(7)),
        (22, 7, "UTC", at(21, 59), at(21, 59)),
        (12, 14, "UTC", at(13), at(14)),
        (12, 14, "UTC", at(14), at(14)),
        (22, 7, "Asia/Ho_Chi_Minh", at(16), datetime(2026, 3, 29, 0, tzinfo=UTC)),
        (22, 7, "Europe/Paris", at(22), datetime(2026, 3, 29, 5, tzinfo=UTC)),  # the night is an hour shorter
    ],
)
def test_quiet_hours_are_local_and_end(start: int, end: int, zone: str, now: datetime, until: datetime) -> None:
    quiet = Preferences(time_zone=zone, quiet_from=time(start), quiet_until=time(end))
    assert quiet_until(quiet, now) == until
