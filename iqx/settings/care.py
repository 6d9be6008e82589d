"""What staff owe to people: how soon disputes, tickets and requests are looked at, and who is told when they aren't."""

from decimal import Decimal

from iqx.settings.environment import env

__all__ = [
    "APPROVAL_SECONDS",
    "DISPUTE_CLOCKS",
    "DISPUTE_SECOND_PERSON_ABOVE",
    "MAX_OPEN_TICKETS",
    "STAFF_CLOCKS",
    "STAFF_EMAIL",
    "TICKET_CLOCKS",
    "WITHDRAWAL_SECOND_PERSON_ABOVE",
]

# Where staff are paged about what nobody in particular looks after; empty: only who was assigned is paged.
STAFF_EMAIL = env.str("IQX_STAFF_EMAIL", "")

# Seconds: how soon staff decide on what waits for them, and how long until they are told again that it is overdue.
STAFF_CLOCKS = {
    "deposit": env.int("IQX_STAFF_DEPOSIT_SECONDS", 12 * 60 * 60),
    "withdrawal": env.int("IQX_STAFF_WITHDRAWAL_SECONDS", 12 * 60 * 60),
    "approval": env.int("IQX_STAFF_APPROVAL_SECONDS", 4 * 60 * 60),
    "kyc": env.int("IQX_STAFF_KYC_SECONDS", 48 * 60 * 60),
    "again": env.int("IQX_STAFF_AGAIN_SECONDS", 24 * 60 * 60),
}

# Seconds in which a second person can approve what one of staff asked for; then it expires.
APPROVAL_SECONDS = env.int("IQX_APPROVAL_SECONDS", 72 * 60 * 60)
# USDT above which a withdrawal needs two admins.
WITHDRAWAL_SECOND_PERSON_ABOVE = Decimal(env.str("IQX_WITHDRAWAL_SECOND_PERSON_ABOVE", "5000"))

# Seconds: how long the other party has to answer, how long a dispute may lie without a step of staff's before another
# gets it, how long before a deadline it is warned of, and how long after its end a trade can still be disputed.
DISPUTE_CLOCKS = {
    "answer": env.int("IQX_DISPUTE_ANSWER_SECONDS", 12 * 60 * 60),
    "review": env.int("IQX_DISPUTE_REVIEW_SECONDS", 8 * 60 * 60),
    "warning": env.int("IQX_DISPUTE_WARNING_SECONDS", 60 * 60),
    "after_end": env.int("IQX_DISPUTE_AFTER_END_SECONDS", 72 * 60 * 60),
}
# USDT of a trade above which a ruling needs a second admin.
DISPUTE_SECOND_PERSON_ABOVE = Decimal(env.str("IQX_DISPUTE_SECOND_PERSON_ABOVE", "5000"))

# Seconds: how soon staff answer a ticket, how long its owner has until it closes by itself, and how long afterwards a
# ticket that he didn't close himself is opened again by a message of his.
TICKET_CLOCKS = {
    "staff": env.int("IQX_TICKET_STAFF_SECONDS", 24 * 60 * 60),
    "user": env.int("IQX_TICKET_USER_SECONDS", 7 * 24 * 60 * 60),
    "reopen": env.int("IQX_TICKET_REOPEN_SECONDS", 7 * 24 * 60 * 60),
}
MAX_OPEN_TICKETS = env.int("IQX_MAX_OPEN_TICKETS", 50)
