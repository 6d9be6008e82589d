from iqx.core.errors import Conflict, NotAllowed, RuleViolated


class DisputeClosed(Conflict):
    """Carries `current_status`, so that a client can redraw without a second request."""

    code = "dispute_closed"
    detail = "The dispute is closed; nothing can be added to it or changed."


class NotYourDispute(NotAllowed):
    code = "not_your_dispute"
    detail = "Only the party who opened the dispute may withdraw it."


class PartyToTheTrade(NotAllowed):
    """Staff who trade are ordinary parties to their own trades."""

    code = "party_to_the_trade"
    detail = "Nobody handles a dispute about a trade of his own."


class TooManyStatements(RuleViolated):
    """Carries `limit`, per party and dispute."""

    code = "too_many_statements"
    detail = "You have added as many statements to this dispute as one party may."


class FilesNotAccepted(RuleViolated):
    code = "files_not_accepted"
    detail = "Files can't be stored yet; nothing was added. Send the statement alone."
