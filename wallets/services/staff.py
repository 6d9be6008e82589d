from uuid import UUID

from accounts.models import User
from iqx.core.errors import NotAllowed
from wallets.errors import SecondPersonRequired


def require_admin(actor: User) -> None:
    """Support looks; only an admin moves other people's money.

    Raises:
        NotAllowed: `actor` is no admin, or is suspended, or lacks the second factor that staff need.
    """
    if not actor.is_superuser:
        raise NotAllowed


def require_other_person(actor: User, owner_id: UUID) -> None:
    """Nobody decides about his own money.

    Raises:
        SecondPersonRequired: `actor` is the owner.
    """
    if actor.pk == owner_id:
        raise SecondPersonRequired
