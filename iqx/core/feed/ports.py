"""What the feed needs from the applications, which it does not know, and how much it lets one socket have."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID


class Principal(Protocol):
    """Who has proven to be at the other end of a socket."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def session_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The composition root fills these in. All are called in a thread that may use the database."""

    authenticate: Callable[[str], Principal]
    """Raises a `DomainError` for an access token that is not valid."""
    recognise: Callable[[Mapping[bytes, bytes]], Principal | None]
    """Whom the cookie among a handshake's headers speaks for, if anybody, and if it came from a page of ours."""
    live_sessions: Callable[[Collection[Principal]], set[UUID]]
    """The `session_id` of those whose session has not ended."""
    market_exists: Callable[[str], bool]
    book_snapshot: Callable[[str], Mapping[str, Any]]
    """A market's whole book at one `seq` of its stream: `{"seq", "bids", "asks"}` of `[price, amount, orders]`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often the feed looks, and how much one socket may have."""

    poll_s: float = 1.0
    heartbeat_s: float = 15.0
    stall_s: float = 30.0
    """A socket that takes nothing for this long is too slow, however little waits for it."""
    outbox_frames: int = 2_000
    outbox_size: int = 1 << 20
    subscriptions: int = 100
    request_size: int = 8_192
    requests_per_s: float = 50.0
    requests_burst: int = 100
