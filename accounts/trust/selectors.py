"""Reads: public records, and who keeps away from whom."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Relation, TraderRecord, User
from accounts.trust.standing import Standing
from iqx.core import clock, hot
from iqx.core.errors import NotFound

_BLOCKED = """
SELECT owner_id, other_id FROM accounts_relation WHERE kind = 'block' AND owner_id = ANY(%(people)s)
UNION ALL
SELECT other_id, owner_id FROM accounts_relation WHERE kind = 'block' AND other_id = ANY(%(people)s)
"""


def ask_whom_they_shun(user_ids: Collection[UUID]) -> Callable[[], dict[UUID, set[UUID]]]:
    """Ask with whom each of these users must not be matched, because either blocked the other: one statement."""
    answer = hot.ask(_BLOCKED, {"people": list(user_ids)})

    def shunned() -> dict[UUID, set[UUID]]:
        others = defaultdict(set)
        for one, other in answer.rows():
            others[one].add(other)
        return others

    return shunned


_STANDINGS = """
SELECT u.id, u.kyc_level, coalesce(r.completed_trades, 0), r.completion_rate, u.created_at
FROM accounts_user u LEFT JOIN accounts_traderrecord r ON r.user_id = u.id WHERE u.id = ANY(%s)
"""


def ask_standings(user_ids: Collection[UUID]) -> Callable[[], dict[UUID, Standing]]:
    """Ask how these users stand: one statement."""
    now, answer = clock.now(), hot.ask(_STANDINGS, [list(user_ids)])

    def standings() -> dict[UUID, Standing]:
        return {
            pk: Standing(kyc_level, completed, rate, (now - created_at).days)
            for pk, kyc_level, completed, rate, created_at in answer.rows()
        }

    return standings


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
