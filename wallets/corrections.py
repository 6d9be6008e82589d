"""Adjustments that another use case asks for: an engine, which opens no transaction."""

from decimal import Decimal

from accounts import approvals
from accounts.models import Approval, User
from iqx.core import clock, ids
from iqx.core.events import NewEvent
from iqx.core.money import usdt
from wallets.models import Adjustment


def ask_for_adjustment(
    *, user: User, amount: Decimal, reason: str, requested_by: User, owed: bool = False
) -> tuple[Adjustment, list[NewEvent]]:
    """Ask that `amount` be added to (or, negative, taken from) a user's available balance; and who is called for it.

    What is `owed` by a ruling does not lapse, and who asked can't take it back.

    Moves nothing yet. Raises: NotAllowed: it is his own balance. Invalid: there is no reason.
    """
    adjustment_id = ids.new_id()
    approval, calls = approvals.ask(
        Approval.Kind.ADJUSTMENT,
        subject_id=adjustment_id,
        user=user,
        requested_by=requested_by,
        reason=reason,
        payload={"amount": usdt(amount)},
        stands=owed,
    )
    adjustment = Adjustment.objects.create(
        id=adjustment_id,
        user=user,
        amount=amount,
        reason=reason,
        requested_by=requested_by,
        created_at=clock.now(),
        due_at=approval.due_at,
    )
    return adjustment, calls
