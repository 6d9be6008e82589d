"""Where a request comes from, as far as accounts care."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """`network` is what one subscriber can't change at will: an IPv4 address, or the /64 around an IPv6 address."""

    ip: str | None = None
    network: str = ""
    user_agent: str = ""
