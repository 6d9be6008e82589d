from disputes.services.clocks import tend_disputes
from disputes.services.parties import add_statement, open_dispute, withdraw_dispute
from disputes.services.rulings import confirm_ruling, resolve_dispute
from disputes.services.staff import add_helper, assign_dispute, comment_on_dispute, note_on_dispute, remove_helper
from disputes.services.timer import open_overdue_disputes

__all__ = [
    "add_helper",
    "add_statement",
    "assign_dispute",
    "comment_on_dispute",
    "confirm_ruling",
    "note_on_dispute",
    "open_dispute",
    "open_overdue_disputes",
    "remove_helper",
    "resolve_dispute",
    "tend_disputes",
    "withdraw_dispute",
]
