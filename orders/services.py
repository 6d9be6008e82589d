"""Use cases of those who own orders. Matching is the next step: `trades.services.match_market`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from accounts.models import User
from accounts.staff import require_admin
from iqx.core import audit, clock, events, rounds
from iqx.core.errors import Invalid, LimitExceeded
from iqx.core.money import ZERO, usdt
from iqx.core.transactions import use_case
from orders import payment_rules, turnover
from orders.acceptance import Acceptance, Wish, write_pending
from orders.book import BookChanges, lock_books, lock_order, next_priorities, reservation
from orders.errors import AmountBelowFilled, OfferChanged
from orders.events import order_event
from orders.floating import Float, current_price
from orders.matching import CloseReason, Side, TimeInForce
from orders.models import Book, CancelAfter, Market, Order, Reference
from orders.placing import NewOrder, Placement, check_amount, check_bounds, check_price
from orders.selectors import not_expired, suspended_with_orders
from orders.taking import check_share, check_taker, get_offer
from wallets.models import TransferKind

MARKET_RULES: Final = (
    "tick_size", "lot_size", "min_amount", "max_amount", "maker_fee", "taker_fee", "payment_methods",
    "payment_window", "status",
)  # fmt: skip
"""What an admin may change of a market."""


@use_case(pipelined=True)
def place_orders(*, owner: User, new: Sequence[NewOrder]) -> list[Placement]:
    """Accept orders as `pending` and reserve what sales need; one refusal spoils none of the others.

    A `client_order_id` that the owner used before gives the order that it made.

    Locks: the owner's turnover of the day, which makes him place one batch after the other; his wallet, for sales.
    Emits: wallet_updated. The orders' own events come with matching.
    """
    return _place(owner, new)


def _place(owner: User, new: Sequence[NewOrder]) -> list[Placement]:
    wish = Wish(owner, new)
    accepted = Acceptance([wish])
    accepted.decide()
    write_pending(accepted)
    return wish.placements


@use_case
def take_offer(
    *,
    owner: User,
    offer_id: UUID,
    version: int,
    amount: Decimal,
    payment_method: str | None,
    link: str | None = None,
) -> Order:
    """Accept an order that trades with one given offer, as it was seen, or not at all.

    Raises: NotFound, OwnOffer, OfferChanged, OfferPaused, RequirementsNotMet,
    OfferIncompatible, and what placing raises.
    """
    offer = get_offer(offer_id, link)
    check_taker(offer, owner, clock.now(), version=version)
    check_share(offer, amount, payment_method)
    wanted = order_that_takes(offer, amount, payment_method)
    placement = _place(owner, [wanted])[0]
    if placement.error:
        raise placement.error
    return cast("Order", placement.order)


def order_that_takes(offer: Order, amount: Decimal, payment_method: str | None) -> NewOrder:
    """What taking a share of `offer` places."""
    return NewOrder(
        market=offer.market_id,
        side=Side(offer.side).opposite,
        price=offer.price,
        amount=amount,
        payment_methods=(payment_method,) if payment_method else (),
        time_in_force=TimeInForce.FOK,
        only_with=offer.id,
        link=offer.link,
    )


@use_case
def cancel_order(*, order_id: UUID, owner_id: UUID | None, reason: CloseReason = CloseReason.BY_OWNER) -> Order:
    """End an order; what is not filled returns to `available`. Staff name no owner.

    Locks: the book, the wallet, streams. Raises: NotFound, OrderNotLive. Emits: order_cancelled, wallet_updated.
    """
    order = lock_order(order_id, owner_id)
    _close([order], Order.Status.CANCELLED, reason)
    return order


@use_case
def cancel_any_order(*, order_id: UUID, actor: User, reason: str = "") -> Order:
    """End somebody's order, as an admin.

    Locks: the book, the wallet, streams. Raises: NotAllowed, NotFound, OrderNotLive.
    Emits: order_cancelled, wallet_updated.
    """
    require_admin(actor)
    order = lock_order(order_id, None)
    audit.record(
        "order_cancelled",
        actor=actor,
        subject=order,
        user_id=order.owner_id,
        before=audit.values_of(order, "status", "amount", "filled"),
        reason=reason,
    )
    _close([order], Order.Status.CANCELLED, CloseReason.BY_STAFF)
    return order


@use_case
def cancel_all(
    *,
    owner_id: UUID,
    market: str | None = None,
    side: Side | None = None,
    reason: CloseReason = CloseReason.BY_OWNER,
) -> list[Order]:
    """End all live orders of the owner, or those of one market or side."""
    rows = Order.objects.filter(owner_id=owner_id, status__in=Order.LIVE)
    if market:
        rows = rows.filter(market_id=market)
    if side:
        rows = rows.filter(side=side)
    locked = lock_books(list(rows.values_list("market_id", flat=True).distinct()))
    orders = list(rows.filter(market_id__in=[book.pk for book in locked]).order_by("id"))
    _close(orders, Order.Status.CANCELLED, reason)
    return orders


def _close(orders: list[Order], status: str, reason: CloseReason) -> None:
    changes = BookChanges()
    for order in orders:
        changes.close(order, status, reason)
    changes.write()
    events.append(changes.events)


@use_case
def amend_order(
    *,
    order_id: UUID,
    owner_id: UUID,
    price: Decimal | None = None,
    amount: Decimal | None = None,
    floats: Float | None = None,
    seen: str | None = None,
) -> Order:
    """Change price or amount, or how the price floats. A lower amount keeps the place in the queue, a price doesn't.

    With `seen`, only if its `terms_of` are still these: who sends all of them undoes no amendment that he didn't see.

    The order may be `pending` again, and the caller matches the market next.

    Locks: the book, the wallet, streams. Raises: NotFound, OrderNotLive, OfferChanged, AmountBelowFilled,
    LimitExceeded, NoReference, InsufficientFunds, and the market's rules. Emits: order_updated, wallet_updated.
    """
    order = lock_order(order_id, owner_id)
    if seen not in {None, terms_of(order)}:
        raise OfferChanged(version=order.version, current_status=order.status)
    market = Market.objects.get(pk=order.market_id)
    if price is not None and order.premium_bps is not None:
        raise Invalid("The price of this order floats; change its premium or bounds.", field="price")
    if floats is not None:
        price = _refloat(order, floats, market)
    price = order.price if price is None else price
    amount = order.amount if amount is None else amount
    if (price, amount) == (order.price, order.amount) and floats is None:
        return order
    check_price(market, price)
    check_amount(market, amount)
    payment_rules.check_caps(market, order.payment_methods, amount)
    if amount <= order.filled:
        raise AmountBelowFilled(filled=usdt(order.filled))
    if amount > order.amount:
        owner, today, more = User.objects.get(pk=order.owner_id), clock.now().date(), amount - order.amount
        room = turnover.claim({owner: more}, today).rooms()[owner.id]
        if more > room:
            raise LimitExceeded(limit="trade", remaining=usdt(room))
    _amend(order, price, amount)
    return order


def terms_of(order: Order) -> str:
    """What can be amended, as it is. Fills and a reference that moves don't change it, as they do the version."""
    how = (order.price,) if order.premium_bps is None else (order.premium_bps, order.min_price, order.max_price)
    return "/".join(map(str, (*how, order.amount)))


def _refloat(order: Order, floats: Float, market: Market) -> Decimal:
    """Have the price of an order whose book is locked float another way; what it is now."""
    if order.premium_bps is None:
        raise Invalid("The price of this order is fixed.", field="premium")
    check_bounds(floats, market)
    reference = Reference.objects.filter(pk=market.pk).first()
    price = current_price(reference, floats, Side(order.side), market, clock.now())
    Order.objects.filter(pk=order.pk).update(**asdict(floats))
    order.premium_bps, order.min_price, order.max_price = floats.premium_bps, floats.min_price, floats.max_price
    return price


def _amend(order: Order, price: Decimal, amount: Decimal) -> None:
    changes = BookChanges()
    cut = order.amount - amount
    keeps_place = price == order.price and cut > 0
    if not keeps_place or amount - order.filled < order.min_fill:  # below its minimum it trades whole: match it again
        changes.requeue(order)
    if not keeps_place:
        (order.priority,) = next_priorities(1)
    changes.touch(order)
    # Not the reservation of what remains: each fill rounded its fee down, and brings just that back if its trade fails.
    to_keep = order.reserved - reservation(order, order.amount) + reservation(order, amount)
    order.price, order.amount, order.min_fill = price, amount, min(order.min_fill, amount)
    changes.release(order, to_keep, TransferKind.ORDER_ADJUST)
    changes.give_up(order, max(cut, ZERO))
    changes.write()
    if order.status == Order.Status.OPEN:
        changes.events = order_event(order, "order_updated", level=(-cut, 0)) + changes.events
    events.append(changes.events)


@use_case
def expire_orders(*, limit: int = 500) -> int:
    """End orders whose time is up; how many there were."""
    now = clock.now()
    due = Order.objects.filter(status__in=Order.LIVE).exclude(not_expired(now))
    found = list(due.order_by("expires_at").values_list("id", "market_id")[:limit])
    lock_books(sorted({symbol for _, symbol in found}))
    orders = list(due.filter(pk__in=[pk for pk, _ in found]))
    _close(orders, Order.Status.EXPIRED, CloseReason.TIME_IS_UP)
    return len(orders)


@use_case
def arm_cancel_after(*, user_id: UUID, seconds: int) -> datetime | None:
    """Cancel all orders of the user after so many seconds, unless called again before; 0 disarms."""
    if not 0 <= seconds <= 86_400:
        raise Invalid("Between 0 and 86400 seconds.", field="seconds")
    if seconds == 0:
        CancelAfter.objects.filter(pk=user_id).delete()
        return None
    due_at = clock.now() + timedelta(seconds=seconds)
    CancelAfter.objects.update_or_create(pk=user_id, defaults={"due_at": due_at})
    return due_at


def fire_cancel_after() -> int:
    """Cancel the orders of those whose switch was not re-armed in time; how many switches fired.

    A switch is disarmed after its orders are gone, and only if it wasn't re-armed meanwhile: a crash between repeats.
    """
    due = CancelAfter.objects.filter(due_at__lte=clock.now()).order_by("due_at")
    return rounds.each(list(due[:100]), _fire)


def _fire(switch: CancelAfter) -> bool:
    cancel_all(owner_id=switch.user_id, reason=CloseReason.CANCEL_AFTER)
    CancelAfter.objects.filter(pk=switch.user_id, due_at=switch.due_at).delete()
    return True


def cancel_orders_of_suspended() -> int:
    """Cancel the orders of suspended users, who could not go through with a trade; of how many."""
    return rounds.each(
        suspended_with_orders(), lambda owner_id: cancel_all(owner_id=owner_id, reason=CloseReason.BY_STAFF)
    )


@use_case
def open_market(market: Market) -> Market:
    """Save a market's rules, new or changed, and give it its book. Locks: the book, so that no run is under way."""
    return _save_market(market)


@use_case
def change_market(*, market: Market, actor: User, reason: str = "") -> Market:
    """The same by an admin: what he changed, and why, is kept.

    Locks: the book, so that no run is under way. Raises: NotAllowed.
    """
    require_admin(actor)
    before = Market.objects.filter(pk=market.pk).values(*MARKET_RULES).first() or {}
    _save_market(market)
    now = audit.values_of(market, *MARKET_RULES)
    changed = [name for name in MARKET_RULES if before.get(name) != now[name]]
    audit.record(
        "market_changed" if before else "market_opened",
        actor=actor,
        subject=market,
        before={name: before[name] for name in changed if before},
        after={name: now[name] for name in changed},
        reason=reason,
    )
    return market


def _save_market(market: Market) -> Market:
    market.full_clean(validate_unique=False)
    lock_books([market.symbol])
    market.payment_rules = payment_rules.read(market.payment_methods)
    market.save()
    Book.objects.get_or_create(market=market)
    return market


@use_case
def refresh_payment_rules() -> None:
    """Have all markets know what the payment methods say now. Locks: the books, so that no run is under way."""
    markets = Market.objects.in_bulk(
        [market.pk for market in lock_books(list(Market.objects.values_list("pk", flat=True)))]
    )
    for market in markets.values():
        market.payment_rules = payment_rules.read(market.payment_methods)
        market.save(update_fields=["payment_rules"])
