"""The gates that staff pass to act. Whoever passes one in a use case owes the audit trail a record of what he did.

No other module asks whether somebody may act (an architecture test looks), so no act of staff's goes unwritten.
"""

from uuid import UUID

from accounts.models import User
from iqx.core import audit
from iqx.core.errors import NotAllowed, NotFound
from iqx.core.locking import LockRank, lock


def require_staff(actor: User) -> None:
    """Support and admins act; an auditor reads. Raises: NotAllowed."""
    if not actor.may_act:
        raise NotAllowed
    audit.owe()


def require_admin(actor: User) -> None:
    """Only an admin moves other people's money, or acts on staff. Raises: NotAllowed."""
    if not actor.is_superuser:
        raise NotAllowed
    audit.owe()


def require_reader(reader: User) -> None:
    """All of staff read what is private, and each look is recorded. Raises: NotAllowed."""
    if not reader.is_staff:
        raise NotAllowed
    audit.owe()


def require_member(person: User) -> None:
    """Whether somebody can be given work of staff's: no act of his. Raises: NotAllowed."""
    if not person.may_act:
        raise NotAllowed


def lock_pair(actor_id: UUID, user_id: UUID, *, needs_admin: bool = False) -> tuple[User, User]:
    """Lock actor and user, and check that the one may act on the other.

    Raises: NotFound. NotAllowed: the actor is no staff, acts on himself, or is no admin where one is needed.
    """
    rows = {user.pk: user for user in lock(LockRank.ACCOUNT, User.objects.filter(pk__in=[actor_id, user_id]))}
    actor, user = rows.get(actor_id), rows.get(user_id)
    if actor is None:
        raise NotAllowed
    require_staff(actor)
    if user is None:
        raise NotFound
    if actor == user or (not actor.is_admin and (needs_admin or user.is_staff_member)):
        raise NotAllowed
    return actor, user
