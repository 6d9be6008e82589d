"""The one catalogue of notices: which events are told to people, by which channels, and how urgently.

An event of a user's stream becomes at most one notice: that of the first kind here that takes it. Every other event
is silent for people; webhooks get what they ask for (`iqx.notices.webhooks`). The texts are in
`templates/notices/<code>.txt`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.db.models import TextChoices

Json = dict[str, Any]


class Channel(TextChoices):
    """How a notice reaches a person. Webhooks are not here: they carry events to programs."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"  # to browsers by Web Push, to apps by FCM


RINGING: Final = frozenset({Channel.SMS, Channel.PUSH})
"""Channels that wake people up: quiet hours hold them back."""


class Group(StrEnum):
    TRADES = "trades"
    DISPUTES = "disputes"
    MONEY = "money"
    ACCOUNT = "account"
    SECURITY = "security"
    STAFF = "staff"


Channels = frozenset[Channel]

_QUIETLY: Final[Channels] = frozenset({Channel.IN_APP})
_BY_PUSH: Final[Channels] = _QUIETLY | {Channel.PUSH}
_BY_MAIL: Final[Channels] = _QUIETLY | {Channel.EMAIL}
_WIDELY: Final[Channels] = _QUIETLY | {Channel.EMAIL, Channel.PUSH}


def _always(data: Json) -> bool:
    return True


def _to(role: str) -> Callable[[Json], bool]:
    """Only the party of that role is told; the other one did it."""
    return lambda data: data.get("role") == role


def _in(*statuses: str) -> Callable[[Json], bool]:
    return lambda data: data.get("status") in statuses


def _by_staff(data: Json) -> bool:
    """Whether staff wrote the newest line of a live dispute; its end is told by the trade's own notice."""
    timeline = data.get("timeline") or [{}]
    return data.get("status") in {"open", "in_review"} and timeline[-1].get("actor") == "staff"


def _trade(data: Json) -> Json:
    other = data.get("seller" if data.get("role") == "buyer" else "buyer") or {}
    names = ("id", "market", "role", "amount", "buyer_amount", "total", "quote", "reference", "status", "deadline")
    return _only(*names)(data) | {"other": other.get("display_name", "")}


def _what_happened(data: Json) -> Json:
    return {"what": str(data.get("what") or data.get("kind")).replace("_", " ")}


def _only(*names: str) -> Callable[[Json], Json]:
    return lambda data: {name: data.get(name) for name in names}


_MONEY: Final = _only("id", "amount", "status", "network", "address", "reason")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    `event` and `when` say which events it is told of; `facts` what its text may use, which is all that is kept;
    `about` the object that it leads to, as (kind, name of the fact with its id). An urgent notice passes quiet hours.
    `channels` are on unless the user switches them off, `locked` always.
    """

    code: str
    group: Group
    event: str
    facts: Callable[[Json], Json]
    channels: Channels
    when: Callable[[Json], bool] = _always
    about: tuple[str, str] | None = None
    urgent: bool = False
    locked: Channels = field(default_factory=frozenset)


def _of_trade(
    code: str,
    channels: Channels,
    when: Callable[[Json], bool] = _always,
    *,
    group: Group = Group.TRADES,
    urgent: bool = False,
) -> Kind:
    return Kind(code, group, code, _trade, channels, when, ("trade", "id"), urgent)


KINDS: Final[tuple[Kind, ...]] = (
    _of_trade("trade_opened", _WIDELY, urgent=True),
    _of_trade("trade_paid", _WIDELY, _to("seller"), urgent=True),
    _of_trade("trade_reminder", _WIDELY, _to("seller"), urgent=True),
    _of_trade("trade_cancel_requested", _WIDELY, _to("buyer"), urgent=True),
    _of_trade("trade_cancel_rejected", _BY_PUSH, _to("seller")),
    _of_trade("trade_expired", _WIDELY, urgent=True),
    _of_trade("trade_extended", _QUIETLY),
    _of_trade("trade_released", _WIDELY),
    _of_trade("trade_cancelled", _WIDELY),
    _of_trade("trade_disputed", _WIDELY, group=Group.DISPUTES, urgent=True),
    _of_trade("trade_escalated", _QUIETLY, group=Group.DISPUTES),
    _of_trade("trade_refunded", _WIDELY, group=Group.DISPUTES),
    _of_trade("trade_split", _WIDELY, group=Group.DISPUTES),
    Kind(
        "trade_message", Group.TRADES, "trade_message", _only("trade", "id"),
        _BY_PUSH, lambda data: not data.get("mine"), ("trade", "trade"),
    ),
    Kind(
        "dispute_updated", Group.DISPUTES, "dispute_updated", _only("id", "trade", "status"),
        _WIDELY, _by_staff, ("dispute", "id"),
    ),
    Kind("deposit_confirmed", Group.MONEY, "deposit_updated", _MONEY, _BY_MAIL, _in("confirmed"), ("deposit", "id")),
    Kind("deposit_rejected", Group.MONEY, "deposit_updated", _MONEY, _BY_MAIL, _in("rejected"), ("deposit", "id")),
    Kind(
        "withdrawal_requested", Group.SECURITY, "withdrawal_updated", _MONEY,
        _WIDELY, _in("pending"), ("withdrawal", "id"), urgent=True, locked=_BY_MAIL,
    ),
    Kind(
        "withdrawal_sent", Group.MONEY, "withdrawal_updated", _MONEY,
        _BY_MAIL, _in("sent", "confirmed"), ("withdrawal", "id"),
    ),
    Kind(
        "withdrawal_rejected", Group.MONEY, "withdrawal_updated", _MONEY,
        _WIDELY, _in("rejected"), ("withdrawal", "id"),
    ),
    Kind(
        "kyc_reviewed", Group.ACCOUNT, "kyc_updated", _only("kyc_status", "kyc_level"),
        _BY_MAIL, lambda data: data.get("kyc_status") in {"verified", "rejected"},
    ),
    Kind(
        "ticket_answered", Group.ACCOUNT, "ticket_updated", _only("id", "subject"),
        _WIDELY, _in("waiting_user"), ("ticket", "id"),
    ),
    Kind(
        "ticket_closed", Group.ACCOUNT, "ticket_updated", _only("id", "subject"),
        _QUIETLY, _in("closed"), ("ticket", "id"),
    ),
    Kind(  # accounts mails it, with the code by which its owner says that it wasn't he
        "security_alert", Group.SECURITY, "security_alert", _what_happened,
        _BY_PUSH, urgent=True, locked=_QUIETLY,
    ),
    Kind(
        "webhook_disabled", Group.ACCOUNT, "webhook_updated", _only("id", "url", "reason"),
        _BY_MAIL, lambda data: bool(data.get("failed")), ("webhook", "id"),
    ),
    Kind(
        "staff_overdue", Group.STAFF, "staff_called", _only("duty", "count", "subjects"),
        _WIDELY, lambda data: data.get("reason") == "overdue",
    ),
    Kind(
        "staff_flagged", Group.STAFF, "staff_called", _only("count", "because", "subjects"),
        _WIDELY, lambda data: data.get("reason") == "flagged", urgent=True,
    ),
    Kind(
        "staff_asked", Group.STAFF, "staff_called", _only("count", "because", "subjects"),
        _WIDELY, lambda data: data.get("reason") == "asked", urgent=True,
    ),
    Kind(
        "staff_decided", Group.STAFF, "staff_called", _only("count", "because", "subjects"),
        _QUIETLY, lambda data: data.get("reason") == "decided",
    ),
)  # fmt: skip

BY_CODE: Final = {kind.code: kind for kind in KINDS}
EVENTS: Final = frozenset(kind.event for kind in KINDS)
"""Types of events that may become notices."""


def kind_of(event_type: str, data: Json) -> Kind | None:
    """The kind of notice that an event becomes; None if people need not hear of it."""
    return next((kind for kind in KINDS if kind.event == event_type and kind.when(data)), None)


def kinds_for(*, staff: bool) -> list[Kind]:
    """The kinds that somebody may hear of: those of staff's work are for staff alone."""
    return [kind for kind in KINDS if staff or kind.group is not Group.STAFF]


def is_on(kind: Kind, channel: Channel, choices: dict[str, dict[str, bool]]) -> bool:
    """Whether a user with these choices (`{kind: {channel: on}}`) hears of `kind` by `channel`."""
    default = channel in kind.channels
    return channel in kind.locked or choices.get(kind.code, {}).get(channel.value, default)
