from uuid import UUID

from accounts.models import User
from wallets.errors import SecondPersonRequired


def require_other_person(actor: User, owner_id: UUID) -> None:
    """Nobody decides about his own money.

    Raises:
        SecondPersonRequired: `actor` is the owner.
    """
    if actor.pk == owner_id:
        raise SecondPersonRequired
