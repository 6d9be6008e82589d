"""Why a dispute may be opened: as data, by the state that the trade is in and by who opens it."""

from typing import Final

from disputes.models import Dispute
from trades.models import Step, Trade

Reason = Dispute.Reason
_BUYER, _SELLER, _SYSTEM = Step.Actor.BUYER, Step.Actor.SELLER, Step.Actor.SYSTEM

_MONEY_IS_WRONG = (
    Reason.PAYMENT_WRONG_AMOUNT,
    Reason.THIRD_PARTY_PAYMENT,
    Reason.FORGED_RECEIPT,
    Reason.PAYMENT_REVERSED,
    Reason.OTHER,
)

REASONS: Final[dict[tuple[str, str], tuple[Dispute.Reason, ...]]] = {
    # `payment_not_received` of a buyer: the seller says that nothing came.
    (Trade.Status.PAID, _BUYER): (
        Reason.NOT_RELEASED,
        Reason.PAYMENT_NOT_RECEIVED,
        Reason.SELLER_ASKS_MORE,
        Reason.PAID_TWICE,
        Reason.OTHER,
    ),
    (Trade.Status.PAID, _SELLER): (Reason.PAYMENT_NOT_RECEIVED, *_MONEY_IS_WRONG),
    (Trade.Status.PAID, _SYSTEM): (Reason.NOT_RELEASED,),
    (Trade.Status.RELEASED, _BUYER): (Reason.PAID_TWICE, Reason.OTHER),
    (Trade.Status.RELEASED, _SELLER): (Reason.RELEASED_BY_MISTAKE, *_MONEY_IS_WRONG),
    (Trade.Status.CANCELLED, _BUYER): (Reason.PAID_BUT_CANCELLED, Reason.PAID_TWICE, Reason.OTHER),
    (Trade.Status.CANCELLED, _SELLER): (Reason.OTHER,),
}
"""A trade whose status is not here can't be disputed: it isn't paid yet, or staff have ruled on it already."""


def permitted(status: str, opener: str) -> tuple[Dispute.Reason, ...]:
    """The reasons that the opener may give in that state; none, if it permits no dispute."""
    return REASONS.get((status, opener), ())
