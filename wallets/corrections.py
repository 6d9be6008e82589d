"""Adjustments that another use case asks for: an engine, which opens no transaction."""

from decimal import Decimal

from accounts.duties import due_in
from accounts.models import User
from iqx.core import clock
from wallets.models import Adjustment


def ask_for_adjustment(*, user: User, amount: Decimal, reason: str, requested_by: User) -> Adjustment:
    """Ask that `amount` be added to (or, negative, taken from) a user's available balance. Moves nothing yet."""
    return Adjustment.objects.create(
        user=user,
        amount=amount,
        reason=reason,
        requested_by=requested_by,
        created_at=clock.now(),
        due_at=due_in("adjustment"),
    )
