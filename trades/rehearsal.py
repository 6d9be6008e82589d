"""What placing or taking would do, told before it is done: all checks of the real thing, and no effect."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import User
from iqx.core.money import ZERO, fee_of, fiat_total
from iqx.core.transactions import rehearse
from orders import services
from orders.matching import Side
from orders.models import Market, Order
from orders.placing import NewOrder
from trades import placing
from trades.matching_run import preview
from trades.models import Trade


@dataclass(slots=True)
class Rehearsal:
    """An order as it would be, and the trades that it would make at once."""

    order: Order
    market: Market
    trades: list[Trade] = field(default_factory=list)
    before: Decimal = ZERO
    """USDT of it that were traded before."""

    @property
    def buys(self) -> bool:
        return self.order.side == Side.BUY

    @property
    def traded(self) -> Decimal:
        """USDT that change hands at once."""
        return sum((trade.amount for trade in self.trades), ZERO)

    @property
    def total(self) -> Decimal:
        """Fiat that is paid for it."""
        return sum((trade.total for trade in self.trades), ZERO)

    @property
    def fee(self) -> Decimal:
        """USDT of the trades at once: taken from what a buyer gets, on top of what a seller gives."""
        return sum((trade.buyer_fee if self.buys else trade.seller_fee for trade in self.trades), ZERO)

    @property
    def net(self) -> Decimal:
        """USDT that a buyer gets, or a seller gives, at once."""
        return self.traded - self.fee if self.buys else self.traded + self.fee

    @property
    def rests(self) -> Decimal:
        """USDT that wait in the book for somebody."""
        return self.order.amount - self.before - self.traded if self.order.status in Order.LIVE else ZERO

    @property
    def dropped(self) -> Decimal:
        """USDT that are neither traded nor wait: of an order that is only good for now."""
        return Decimal(self.order.amount - self.before - self.traded - self.rests)

    @property
    def rests_for(self) -> Decimal:
        """Fiat for what waits, if somebody takes it all."""
        return fiat_total(self.rests, self.order.price, self.market.quote)

    @property
    def resting_fee(self) -> Decimal:
        """USDT of fee for what waits, if somebody takes it all."""
        return fee_of(self.rests, self.order.maker_fee)


def rehearse_order(*, owner: User, market: Market, wanted: NewOrder) -> Rehearsal:
    """Raises: what placing raises."""

    def place() -> Rehearsal:
        placed = placing.place(owner=owner, new=[wanted])
        (placement,) = placed.placements
        if placement.order is None:
            raise placement.error or RuntimeError("neither an order nor an error")
        return _rehearsed(placement.order, market, placed.trades)

    return rehearse(place)


def rehearse_amendment(*, order: Order, changes: dict[str, Any]) -> Rehearsal:
    """What changing an order would do; `market` must be loaded. Raises: what amending raises."""

    def amend() -> Rehearsal:
        changed = services.amend_order(order_id=order.pk, owner_id=order.owner_id, **changes)
        rehearsal = _rehearsed(changed, order.market, [])
        rehearsal.before = order.filled
        return rehearsal

    return rehearse(amend)


def rehearse_take(*, owner: User, market: Market, **wanted: Any) -> Rehearsal:  # noqa: ANN401 what `take_offer` takes
    """Raises: what taking an offer raises."""

    def take() -> Rehearsal:
        order = services.take_offer(owner=owner, **wanted)
        return _rehearsed(order, market, [])

    return rehearse(take)


def _rehearsed(order: Order, market: Market, trades: list[Trade]) -> Rehearsal:
    if order.status != Order.Status.PENDING:
        return Rehearsal(order, market, trades)
    (pending,) = Order.objects.filter(pk=order.pk).select_related("market")
    return Rehearsal(pending, market, preview([pending]))
