"""What payment methods mean for orders: how long a buyer has to pay, and how much one order may have.

A market keeps a copy of what `PaymentMethod` says of its methods, as the JSON text `payment_rules`: placing and
matching read the market anyway, and nothing else. `orders.services` keeps the copy.

The cap is checked where a method is named. Each trade's method was named by one of its orders, or is agreed on and
checked then; no trade is larger than its orders. So no trade by a method exceeds the method's cap (ADR 17).
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from accounts.models import PaymentMethod
from iqx.core.money import usdt
from orders.errors import PaymentCapExceeded
from orders.models import Market


class Rule(NamedTuple):
    """Of one method: `window` in seconds, or None for the market's own; its risk class."""

    window: int | None
    risk: str


def read(codes: Iterable[str]) -> str:
    """The rules of these methods, as a market keeps them."""
    methods = PaymentMethod.objects.filter(pk__in=list(codes))
    return json.dumps({method.code: Rule(method.window, method.risk) for method in methods})


@lru_cache(maxsize=256)
def _rules(text: str) -> dict[str, Rule]:
    return {code: Rule(*rule) for code, rule in json.loads(text).items()}


def payment_window(market: Market, method: str | None) -> int:
    """Seconds that the buyer of a trade by this method has to pay; without a method, as the market says."""
    rule = _rules(market.payment_rules).get(method) if method else None
    return rule.window if rule and rule.window else market.payment_window


def check_caps(market: Market, methods: Iterable[str], amount: Decimal) -> None:
    """Refuse an order, or an agreement, whose amount is above the cap of a method that it names.

    Raises:
        PaymentCapExceeded: for the first of them.
    """
    rules = _rules(market.payment_rules)
    for method in methods:
        cap = settings.PAYMENT_CAPS[rules[method].risk] if method in rules else None
        if cap is not None and amount > cap:
            raise PaymentCapExceeded(payment_method=method, max_amount=usdt(cap))
