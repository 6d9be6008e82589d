"""What may become of an attempt to send, besides success."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from iqx.notices.texts import Text


class Undelivered(Exception):
    """Why something was not sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Failed(Undelivered):
    """Perhaps it works later; not before `retry_after_s`, if the other side said so."""

    def __init__(self, reason: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Refused(Undelivered):
    """It will never work. `gone`: the address itself is no more, so nothing need be sent there again."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that a provider needs to send one delivery, read before anything is sent.

    `to` is an e-mail address, a telephone number, a URL, or what a push subscription holds. `id` is the same at every
    attempt; `is_repeat` says that an earlier one may have arrived. `word` is the one that its user's e-mails have.
    """

    id: UUID
    to: Any
    text: Text = field(default_factory=lambda: Text("", ""))
    content: bytes = b""
    secret: str = ""
    urgent: bool = False
    is_repeat: bool = False
    link: str = ""
    word: str = ""
