"""The one form of wallets and money requests, in REST and in events alike."""

from decimal import Decimal
from typing import Any, Protocol

from iqx.core.money import CURRENCY, usdt


class HasBalance(Protocol):
    @property
    def available(self) -> Decimal: ...
    @property
    def locked(self) -> Decimal: ...


def wallet_json(balance: HasBalance) -> dict[str, Any]:
    return {
        "currency": CURRENCY,
        "available": usdt(balance.available),
        "locked": usdt(balance.locked),
        "total": usdt(balance.available + balance.locked),
    }
