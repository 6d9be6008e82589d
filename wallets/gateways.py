"""How USDT leave the platform. The sandbox network is play money; a chain's gateway would stand beside it."""

import hashlib
import re
from typing import ClassVar, Protocol
from uuid import UUID

from django.conf import settings

from iqx.core.errors import Invalid
from wallets.errors import NetworkUnavailable

SANDBOX = "sandbox"
MANUAL = "manual"  # deposits that staff confirm, having seen them arrive


class Gateway(Protocol):
    """One network. Both methods run inside a transaction, so neither may talk to anything outside."""

    def accepts(self, address: str) -> bool:
        """Whether `address` is well-formed on this network."""

    def send(self, withdrawal_id: UUID) -> str:
        """Send a withdrawal, at most once for its id, and return its transaction hash."""


class SandboxGateway:
    """Takes any `0x` address of 40 hexadecimal digits, and makes up a hash."""

    _address: ClassVar = re.compile(r"0x[0-9a-fA-F]{40}")

    def accepts(self, address: str) -> bool:
        return self._address.fullmatch(address) is not None

    def send(self, withdrawal_id: UUID) -> str:
        return "0x" + hashlib.sha256(withdrawal_id.bytes).hexdigest()


def gateway_for(network: str) -> Gateway:
    """The gateway of a network that is configured here.

    Raises:
        NetworkUnavailable: it is not; production has none so far, and the sandbox network least of all.
    """
    if network != SANDBOX or settings.PRODUCTION:
        raise NetworkUnavailable
    return SandboxGateway()


def require_address(network: str, address: str) -> None:
    """Check that one can withdraw to `address` on `network`.

    Raises:
        NetworkUnavailable: there is no such network here.
        Invalid: the network has no such addresses.
    """
    if not gateway_for(network).accepts(address):
        raise Invalid("This is not an address of the network.", field="address")
