from iqx.core.errors import Conflict, RuleViolated


class TicketClosed(Conflict):
    code = "ticket_closed"
    detail = "The ticket is closed; open a new one."


class TicketNotClosed(Conflict):
    code = "ticket_not_closed"
    detail = "A ticket is rated when it is closed."


class TicketRated(Conflict):
    code = "ticket_rated"
    detail = "You have rated this ticket already."


class TooManyMessages(RuleViolated):
    """Carries `limit`, of the user's own messages."""

    code = "too_many_messages"
    detail = "This ticket has as many messages of yours as it may have; open a new one."


class TooManyTickets(RuleViolated):
    """Carries `limit`, of live tickets."""

    code = "too_many_tickets"
    detail = "You have as many live tickets as you may have; close one, or write on in one."
