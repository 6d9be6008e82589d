"""Where a request comes from."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """The address of the client, or "unknown" behind a Unix socket.

    Each of the `TRUSTED_PROXIES` appends the address that it saw to X-Forwarded-For, so the client's is that many
    from the right; what stands further left the client may have invented. With no trusted proxy the header is noise.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    forwarded = _valid(hops[-proxies]) if 0 < proxies <= len(hops) else None
    return forwarded or _valid(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def client_network(request: HttpRequest) -> str:
    """Whom a quota counts as one: an IPv4 address, or an IPv6 /64, of which every household has 2^64 addresses."""
    address = client_address(request)
    if ":" not in address:
        return address
    return str(IPv6Network((IPv6Address(address).packed, 64), strict=False))


def _valid(text: str) -> str | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
