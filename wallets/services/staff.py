from accounts.models import User
from iqx.core.errors import NotAllowed


def require_admin(actor: User) -> None:
    """Support looks; only an admin moves other people's money.

    Raises:
        NotAllowed: `actor` is no admin, or is suspended.
    """
    if not (actor.is_active and actor.is_admin):
        raise NotAllowed
