"""What must be true of the exchange after it was pushed as hard as it goes."""

from dataclasses import dataclass

from orders.models import Order
from trades.models import Trade
from wallets.audit import audit


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of the exchange at the end; `faults` should be empty."""

    orders: int
    traded: int
    trades: int
    faults: list[str]

    def __str__(self) -> str:
        if self.faults:
            return "\n".join(f"WRONG: {fault}" for fault in self.faults)
        return (
            f"The ledger audits clean after {self.orders:,} orders and {self.trades:,} trades; every order that was "
            f"acknowledged is there and matched. {self.traded / max(self.orders, 1):.0%} of the orders traded."
        )


def examine(acknowledged: int) -> Verdict:
    """Audit the ledger, and account for every order that was acknowledged."""
    orders = Order.objects.count()
    pending = Order.objects.filter(status=Order.Status.PENDING).count()
    faults = [f"{finding.check}: {finding.subject}: {finding.detail}" for finding in audit()]
    if orders != acknowledged:
        faults.append(f"{acknowledged} orders were acknowledged, {orders} are there")
    if pending:
        faults.append(f"{pending} orders were never matched")
    return Verdict(orders, Order.objects.filter(filled__gt=0).count(), Trade.objects.count(), faults)
