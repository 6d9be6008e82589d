"""Use cases of those who block others, or keep them in mind."""

from typing import Final
from uuid import UUID

from accounts.errors import TooManyRelations, TraderBlocked, YourOwnAccount
from accounts.models import Relation, User
from iqx.core import clock
from iqx.core.errors import Invalid, NotFound
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case

MOST_RELATIONS: Final = 1000


@use_case
def relate(*, owner_id: UUID, other_id: UUID, kind: Relation.Kind) -> tuple[Relation, bool]:
    """Block another, or make him a favourite; and whether that is new. A block takes the place of a favourite.

    Locks: the owner, so that his list does not outgrow its limit.
    Raises: YourOwnAccount, Invalid, TraderBlocked, TooManyRelations, Busy.
    """
    if owner_id == other_id:
        raise YourOwnAccount
    lock_one(LockRank.ACCOUNT, User.objects.filter(pk=owner_id))
    other = User.objects.filter(pk=other_id).first()
    if other is None:
        raise Invalid("There is no such user.", field="user")
    mine = Relation.objects.filter(owner_id=owner_id)
    known = mine.filter(other=other).first()
    if known and known.kind == kind:
        known.other = other
        return known, False
    if known and known.kind == Relation.Kind.BLOCK:
        raise TraderBlocked
    if mine.filter(kind=kind).count() >= MOST_RELATIONS:
        raise TooManyRelations(most=MOST_RELATIONS)
    mine.filter(other=other).delete()
    return Relation.objects.create(owner_id=owner_id, other=other, kind=kind, created_at=clock.now()), True


@use_case
def unrelate(*, owner_id: UUID, other_id: UUID, kind: Relation.Kind) -> None:
    """Take another off one's list. Raises: NotFound: he is not on it."""
    deleted, _ = Relation.objects.filter(owner_id=owner_id, other_id=other_id, kind=kind).delete()
    if not deleted:
        raise NotFound
