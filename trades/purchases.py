"""USDT that were bought lately, for as long as the payment can still be called back (`accounts.trust.rules`)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Sum

from accounts.models import PaymentMethod, User
from accounts.trust.rules import NET_PURCHASES, rule_in_force
from iqx.core.money import ZERO, usdt
from trades.models import Transaction
from wallets.holds import Hold

_UNKNOWN_METHOD = "high"  # it was agreed in the chat


@dataclass(frozen=True, slots=True)
class Purchase:
    """What came to the buyer, the risk class of the payment, and until when that is held."""

    amount: Decimal
    risk: str
    until: datetime


def net_purchases(purchases: Sequence[Purchase], sold: Decimal) -> list[Purchase]:
    """What is left of the purchases when what was sold since the first of them is taken from the oldest ones."""
    left = []
    for purchase in purchases:
        taken = min(purchase.amount, sold)
        sold -= taken
        if purchase.amount > taken:
            left.append(Purchase(purchase.amount - taken, purchase.risk, purchase.until))
    return left


def held_purchases(user: User, now: datetime) -> list[Hold]:
    """One hold for each risk class of which something is left, until the last of it is free: four queries at most."""
    rule = rule_in_force(NET_PURCHASES)
    hours: dict[str, int] = rule["hours"] if rule else {}
    if not any(hours.values()):
        return []
    since = now - timedelta(hours=max(hours.values()))
    bought = Transaction.objects.filter(buyer=user, settled_at__gt=since).order_by("settled_at")
    rows = list(bought.values_list("settled_at", F("amount") - F("buyer_fee"), "trade__payment_method"))
    purchases = []
    risks = dict(PaymentMethod.objects.filter(code__in={row[2] for row in rows if row[2]}).values_list("code", "risk"))
    for settled_at, amount, method in rows:
        risk = risks.get(method, _UNKNOWN_METHOD)
        until = settled_at + timedelta(hours=hours[risk])
        if until > now:
            purchases.append((settled_at, Purchase(amount, risk, until)))
    if not purchases:
        return []
    sales = Transaction.objects.filter(seller=user, settled_at__gt=purchases[0][0])
    sold = sales.aggregate(sold=Sum("amount"))["sold"] or ZERO
    return _holds(net_purchases([purchase for _, purchase in purchases], sold), hours)


def _holds(left: Sequence[Purchase], hours: dict[str, int]) -> list[Hold]:
    by_risk = defaultdict(list)
    for purchase in left:
        by_risk[purchase.risk].append(purchase)
    holds = []
    for risk, held in sorted(by_risk.items()):
        amount = sum((purchase.amount for purchase in held), ZERO)
        because = NET_PURCHASES.explain(amount=usdt(amount), risk=risk, hours=hours[risk])
        holds.append(Hold(NET_PURCHASES.code, amount, max(purchase.until for purchase in held), because))
    return holds
