from iqx.core.errors import Conflict, NotAllowed


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
