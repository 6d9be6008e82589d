"""Reads: public records, and who keeps away from whom."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Relation, TraderRecord, User
from iqx.core.errors import NotFound

_BLOCKED = """
SELECT owner_id, other_id FROM accounts_relation
WHERE kind = 'block' AND owner_id = ANY(%(people)s) AND other_id = ANY(%(people)s)
"""


def blocked_pairs(user_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Those among these users who must not be matched, each pair both ways round: one query."""
    if len(user_ids) < 2:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKED, {"people": list(user_ids)})
        pairs = cursor.fetchall()
    return {pair for one, other in pairs for pair in ((one, other), (other, one))}


def relations_of(owner_id: UUID, kind: Relation.Kind) -> QuerySet[Relation]:
    return Relation.objects.filter(owner_id=owner_id, kind=kind).select_related("other")


def get_trader(user_id: UUID) -> User:
    """A person as everyone may see him. Raises NotFound, for staff and suspended users too."""
    trader = User.objects.filter(pk=user_id, is_active=True, role="user").first()
    if trader is None:
        raise NotFound
    return trader


def records_of(user_ids: Iterable[UUID]) -> dict[UUID, TraderRecord]:
    """The records of these users, an empty one for who never ended a trade: one query."""
    ids = set(user_ids)
    found = TraderRecord.objects.in_bulk(ids)
    return {user_id: found.get(user_id) or TraderRecord(user_id=user_id) for user_id in ids}
