from disputes.services.parties import add_statement, open_dispute, withdraw_dispute
from disputes.services.staff import assign_dispute, comment_on_dispute, resolve_dispute
from disputes.services.timer import open_overdue_disputes

__all__ = [
    "add_statement",
    "assign_dispute",
    "comment_on_dispute",
    "open_dispute",
    "open_overdue_disputes",
    "resolve_dispute",
    "withdraw_dispute",
]
