from iqx.core.errors import Conflict, RuleViolated


class TicketClosed(Conflict):
    code = "ticket_closed"
    detail = "The ticket is closed; open a new one."


class TooManyMessages(RuleViolated):
    """Carries `limit`, of the user's own messages."""

    code = "too_many_messages"
    detail = "This ticket has as many messages of yours as it may have; open a new one."
