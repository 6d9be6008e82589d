from iqx.core.errors import Conflict, NotAllowed, RuleViolated


class WrongTradeStatus(Conflict):
    """Carries `current_status`, so that a client can redraw without a second request."""

    code = "trade_wrong_status"
    detail = "The trade is not in a state that permits this."


class NotYourStep(NotAllowed):
    code = "not_your_step"
    detail = "This step belongs to the other party."


class NoCancelRequest(Conflict):
    code = "no_cancel_request"
    detail = "The seller has not asked to cancel this trade."


class FeedbackGiven(Conflict):
    code = "feedback_given"
    detail = "You have rated this trade; what was said once stays."


class FeedbackClosed(Conflict):
    code = "feedback_closed"
    detail = "This trade ended too long ago to be rated."


class MethodSettled(Conflict):
    """Carries the trade's `payment_method`."""

    code = "payment_method_settled"
    detail = "It is settled how this trade is paid."


class MethodOpen(Conflict):
    code = "payment_method_open"
    detail = "First agree on how this trade is paid."


class MethodNotProposed(Conflict):
    """Carries the `proposed_payment_method`, which may be null."""

    code = "payment_method_not_proposed"
    detail = "The seller has not named this payment method. He names one, and you agree to it by naming the same."


class ChatClosed(Conflict):
    """Carries `closed_at` of the trade. What was written stays readable."""

    code = "chat_closed"
    detail = "The trade ended too long ago for its chat to go on; open a support ticket instead."


class ChatFull(RuleViolated):
    """Carries `limit`, of one's own messages."""

    code = "chat_full"
    detail = "You have written as many messages in this trade as anybody may."
