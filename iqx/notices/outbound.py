"""Posting to addresses that users named: never to a private one, never for long, never anywhere else.

A name is resolved once; every address that it has must be public; and the connection is made to exactly an address that
was checked, so that a name which answers differently the second time gains nothing. Redirects are not followed, proxies
of the environment not used, ports few, time and size of the answer bounded.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from iqx.notices.outcomes import Failed, Refused

_TOTAL_S: Final = 10.0
_LONGEST_ANSWER: Final = 4096  # bytes; the rest is not read
_PORTS: Final = frozenset({443, 8443})
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
# Public by the registries, and yet inside of somebody's network or of a cloud's own machinery; and, whatever the
# version of Python holds of them, those that are nobody's.
_NEVER: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    )
)  # fmt: skip

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    retry_after_s: int | None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def is_public(address: Address) -> bool:
    """Whether anybody may be sent there: also what is wrapped in an IPv6 address is looked at."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not any(address in block for block in _NEVER if block.version == address.version)


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to: mapped, 6to4, Teredo, NAT64."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in block for block in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def check_url(url: str) -> None:
    """Refuse a URL that is never posted to, whatever its name resolves to. Raises: Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is not a URL.", gone=True) from None
    schemes = {"https"} if settings.PRODUCTION else {"https", "http"}
    if parts.scheme not in schemes or not parts.hostname or not url.isascii() or any(c <= " " for c in url):
        raise Refused("This is not an https URL.", gone=True)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("A URL here has neither user nor fragment.", gone=True)
    if settings.PRIVATE_TARGETS:
        return
    if (port or {"https": 443, "http": 80}[parts.scheme]) not in (_PORTS if settings.PRODUCTION else _PORTS | {80}):
        raise Refused("That port is not served; use 443 or 8443.", gone=True)
    literal = _literal(parts.hostname)
    if literal and not is_public(literal):
        raise Refused("The address is private.", gone=True)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def resolve(host: str, port: int) -> str:
    """An address of `host` to connect to, after all of them were checked.

    Raises: Refused: one of them is private. Failed: there is none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Failed("The name can't be resolved.") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not settings.PRIVATE_TARGETS and not all(map(is_public, addresses)):
        raise Refused("The name leads to a private address.", gone=True)
    if not addresses:
        raise Failed("The name can't be resolved.")
    return str(min(addresses, key=lambda address: address.version))  # not every host has a way to IPv6


def post(url: str, content: bytes, headers: Mapping[bytes | str, bytes | str]) -> Answer:
    """POST once, and read the first bytes of the answer, whatever its status.

    Raises: Refused: it must never be sent there. Failed: no answer came in time.
    """
    check_url(url)
    deadline = time.monotonic() + _TOTAL_S
    pool = httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=_Checked(deadline))
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), _TOTAL_S)
    try:
        with (
            pool,
            pool.stream("POST", url, content=content, headers=headers, extensions={"timeout": timeouts}) as response,
        ):
            return Answer(response.status, _beginning(response.iter_stream()), _retry_after(response.headers))
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as error:
        raise Failed(f"No answer: {type(error).__name__}.") from error


def _beginning(chunks: Iterable[bytes]) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) >= _LONGEST_ANSWER:
            break
    return body[:_LONGEST_ANSWER]


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    found = {name.lower(): value for name, value in headers}.get(b"retry-after", b"")
    return min(int(found), 86_400) if found.isdigit() and len(found) < 10 else None


class _Checked(httpcore.NetworkBackend):
    """Connects to checked addresses alone; TLS still proves the name that was asked for."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._real.connect_tcp(resolve(host, port), port, timeout, local_address, socket_options)
        return _Bounded(stream, self._deadline)


class _Bounded(httpcore.NetworkStream):
    """A stream whose every step ends at one deadline, so that an answer can't be dripped for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("The whole of it took too long.")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, self._left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 whatever was asked for
        return self._stream.get_extra_info(info)
