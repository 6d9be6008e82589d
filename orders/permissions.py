"""What an owner may do with his orders, and others with his offers, now: the checks of the use cases, without locks."""

from typing import Any

from django.conf import settings

from accounts.models import User
from iqx.core import clock
from iqx.core.permissions import verdict
from orders import turnover
from orders.acceptance import check_not_paused, fault_of
from orders.book import require_live
from orders.errors import TooManyOrders
from orders.matching import Side
from orders.models import Market, Order
from orders.placing import NewOrder, build_order, check_order
from orders.services import order_that_takes
from orders.taking import check_taker, limits_of
from wallets.selectors import get_wallet


def check_could_place(owner: User, wanted: NewOrder) -> None:
    """Refuse an order as placing would. Raises what placing raises."""
    now = clock.now()
    check_not_paused(owner, now)
    market = check_order(wanted, Market.objects.filter(pk=wanted.market).first(), now)
    if Order.objects.filter(owner=owner, status__in=Order.LIVE).count() >= settings.MAX_LIVE_ORDERS:
        raise TooManyOrders
    order = build_order(wanted, market, owner, 0, now)
    fault = fault_of(order, turnover.room_left(owner, now.date()), get_wallet(owner.id).available)
    if fault:
        raise fault


def in_market(owner: User, market: Market) -> dict[str, Any]:
    """Whether the owner may buy and sell the least that the market trades in."""
    return {
        side.value: verdict(
            lambda side=side: check_could_place(  # type: ignore[misc]
                owner, NewOrder(market=market.symbol, side=side, price=market.tick_size, amount=market.min_amount)
            )
        )
        for side in Side
    }


def with_own_order(order: Order) -> dict[str, Any]:
    """Of one's own order; what is live can be changed in every way."""
    live = verdict(lambda: require_live(order))
    return dict.fromkeys(("amend", "cancel", "pause", "resume"), live)


def with_offer(offer: Order, taker: User) -> dict[str, Any]:
    """Whether somebody may take the least that the offer trades in, as it is now."""
    least = limits_of(offer)[0] or offer.market.lot_size
    return {
        "take": verdict(
            lambda: check_taker(offer, taker, clock.now()),
            lambda: check_could_place(taker, order_that_takes(offer, max(least, offer.market.min_amount), None)),
        )
    }
