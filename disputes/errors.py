from iqx.core.errors import Conflict, NotAllowed, RuleViolated


class DisputeClosed(Conflict):
    """Carries `current_status`, so that a client can redraw without a second request."""

    code = "dispute_closed"
    detail = "The dispute is closed; nothing can be added to it or changed."


class DisputeTooLate(Conflict):
    code = "dispute_too_late"
    detail = "The trade ended too long ago to be disputed; support answers a ticket."


class TradeDisputedBefore(Conflict):
    """Staff's ruling is the last word, and there is one dispute at a time."""

    code = "trade_disputed_before"
    detail = "There is a dispute about this trade already, or staff have ruled on it."


class NotYourDispute(NotAllowed):
    code = "not_your_dispute"
    detail = "Only the party who opened the dispute may withdraw it."


class PartyToTheTrade(NotAllowed):
    """Staff who trade are ordinary parties to their own trades."""

    code = "party_to_the_trade"
    detail = "Nobody handles a dispute about a trade of his own."


class HelperOnly(NotAllowed):
    code = "helper_only"
    detail = "Who was called in as a helper reads the dispute and does nothing in it."


class TooManyStatements(RuleViolated):
    """Carries `limit`, per party and dispute."""

    code = "too_many_statements"
    detail = "You have added as many statements to this dispute as one party may."


class NoRulingProposed(Conflict):
    code = "no_ruling_proposed"
    detail = "No ruling waits for a second person."


class RulingChanged(Conflict):
    code = "ruling_changed"
    detail = "Another ruling was proposed meanwhile; look at it first."
