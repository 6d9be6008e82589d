"""Whether somebody may take a given offer: what taking checks first, and what tells him so beforehand.

Matching checks the same again under the lock of the book; who loses a race is told `offer_changed`.
"""

from datetime import datetime
from decimal import Decimal
from hmac import compare_digest
from uuid import UUID

from accounts.models import User
from accounts.trust.selectors import ask_standings, ask_whom_they_shun
from iqx.core import clock
from iqx.core.errors import NotFound
from iqx.core.money import usdt
from orders.candidates import requirements_of
from orders.errors import OfferChanged, OfferIncompatible, OfferPaused, OwnOffer, RequirementsNotMet
from orders.models import OpeningHours, Order
from orders.selectors import not_expired


def get_offer(offer_id: UUID, link: str | None = None) -> Order:
    """An order that was in the book at some time; a private one for who knows its link. Raises NotFound."""
    offer = Order.objects.filter(pk=offer_id, announced=True, only_with=None).first()
    if offer is None or (offer.link and not compare_digest(offer.link, link or "")):
        raise NotFound
    return offer


def offer_by_link(link: str) -> Order:
    """A private offer that is not over, with its owner. Raises NotFound."""
    rows = Order.objects.filter(not_expired(clock.now()), link=link, only_with=None, status__in=Order.LIVE)
    offer = rows.filter(announced=True).select_related("owner").first()
    if offer is None:
        raise NotFound
    return offer


def check_taker(offer: Order, taker: User, now: datetime, *, version: int | None = None) -> None:
    """Refuse who may not take `offer` at all, be it as it was seen (`version`) or as it is.

    Who is blocked isn't told so.

    Raises: OwnOffer, OfferPaused, OfferChanged, RequirementsNotMet.
    """
    if offer.owner_id == taker.id:
        raise OwnOffer
    if offer.status == Order.Status.PAUSED:
        raise _paused(offer)
    is_over = offer.expires_at is not None and offer.expires_at <= now
    if is_over or offer.status != Order.Status.OPEN or version not in {None, offer.version}:
        raise OfferChanged(version=offer.version, current_status=offer.status)
    if offer.owner_id in ask_whom_they_shun([taker.id])().get(taker.id, ()):
        raise OfferChanged
    required = requirements_of(offer)
    unmet = required.unmet_by(ask_standings([taker.id])()[taker.id]) if required else []
    if unmet:
        raise RequirementsNotMet(
            unmet=[
                {"requirement": name, "needed": _told(needed), "yours": None if has is None else _told(has)}
                for name, needed, has in unmet
            ]
        )


def _paused(offer: Order) -> OfferPaused:
    reasons = offer.paused_for or []
    if Order.Pause.OUTSIDE_HOURS not in reasons:
        return OfferPaused(reasons=reasons)
    opens_at = OpeningHours.objects.filter(pk=offer.owner_id, is_open=False).values_list("changes_at", flat=True)
    return OfferPaused(reasons=reasons, opens_at=clock.rfc3339_or_none(opens_at.first()))


def check_share(offer: Order, amount: Decimal, payment_method: str | None) -> None:
    """Refuse an amount or a payment method that `offer` does not trade in. Raises OfferIncompatible."""
    least, most = limits_of(offer)
    if not least <= amount <= most:
        raise OfferIncompatible(min_fill=usdt(least), max_fill=usdt(most), remaining=usdt(offer.amount - offer.filled))
    if payment_method and offer.payment_methods and payment_method not in offer.payment_methods:
        raise OfferIncompatible(payment_methods=offer.payment_methods)


def limits_of(offer: Order) -> tuple[Decimal, Decimal]:
    """The smallest and the largest trade that `offer` makes as it stands."""
    left: Decimal = offer.amount - offer.filled
    return min(offer.min_fill, left), left if offer.max_fill is None else min(offer.max_fill, left)


def _told(value: Decimal | int) -> str | int:
    return f"{value:.4f}" if isinstance(value, Decimal) else value
