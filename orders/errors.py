from iqx.core.errors import Conflict, RuleViolated


class MarketHalted(Conflict):
    code = "market_halted"
    detail = "The market takes no new orders at present."


class PriceNotOnTick(RuleViolated):
    """Carries `tick_size`."""

    code = "price_not_on_tick"
    detail = "The price is not a multiple of the market's tick size."


class AmountNotOnLot(RuleViolated):
    """Carries `lot_size`."""

    code = "amount_not_on_lot"
    detail = "The amount is not a multiple of the market's lot size."


class AmountOutOfRange(RuleViolated):
    """Carries `min_amount` and `max_amount`."""

    code = "amount_out_of_range"
    detail = "The amount is outside of what the market permits."


class OrderNotLive(Conflict):
    """Carries `current_status`."""

    code = "order_not_live"
    detail = "The order is filled, cancelled or expired."


class OfferChanged(Conflict):
    """Carries `version` and `current_status` of the offer as it is now."""

    code = "offer_changed"
    detail = "The offer is no longer what you saw; look again before you take it."


class OwnOffer(RuleViolated):
    code = "own_offer"
    detail = "This is your own offer."


class OfferIncompatible(RuleViolated):
    code = "offer_incompatible"
    detail = "The offer does not accept this amount or payment method."


class OfferPaused(Conflict):
    """Carries `reasons`, and `opens_at` for an offer outside of its owner's hours."""

    code = "offer_paused"
    detail = "The offer is out of the book for the moment."


class NoReference(Conflict):
    code = "no_reference"
    detail = "The market has no current reference price, which a floating price follows."


class RequirementsNotMet(RuleViolated):
    """Carries `unmet`: each `requirement`, what is `needed`, and what is `yours`."""

    code = "requirements_not_met"
    detail = "The offer is for people with more to show; see what you lack."


class AmountBelowFilled(RuleViolated):
    """Carries `filled`."""

    code = "amount_below_filled"
    detail = "More than this amount is filled already; cancel what is left instead."


class TooManyOrders(RuleViolated):
    code = "too_many_orders"
    detail = "You have as many live orders as one account may have; cancel some first."


class PaymentCapExceeded(RuleViolated):
    """Carries the `payment_method` and its `max_amount`."""

    code = "payment_cap_exceeded"
    detail = "This is more than one order may have that names this payment method."
