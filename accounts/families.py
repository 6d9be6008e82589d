"""Opening and ending sessions: building blocks on a user that is locked already, inside a use case."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.clients import Client
from accounts.models import EndReason, Session, User
from accounts.tokens import TokenPair, issue_pair
from iqx.core import bell, clock
from iqx.core.locking import LockRank, lock


@dataclass(frozen=True, slots=True)
class LoggedIn:
    user: User
    session: Session
    tokens: TokenPair


def open_session(user: User, client: Client) -> LoggedIn:
    now = clock.now()
    session = Session.objects.create(
        user=user,
        user_agent=client.user_agent[:200],
        ip=client.ip,
        network=client.network,
        created_at=now,
        last_used_at=now,
    )
    return LoggedIn(user, session, issue_pair(session))


def end_sessions(rows: QuerySet[Session], reason: EndReason) -> int:
    """End those of `rows` that are live, and close their sockets once that is committed; how many there were.

    Locks: the sessions.
    """
    return end_locked(lock(LockRank.ACCOUNT, rows.filter(ended_at=None)), reason)


def end_locked(sessions: Iterable[Session], reason: EndReason) -> int:
    """End sessions that are locked and live."""
    ids: list[UUID] = [session.pk for session in sessions]
    if ids:
        Session.objects.filter(pk__in=ids).update(ended_at=clock.now(), end_reason=reason)
        transaction.on_commit(lambda: bell.ring_ended(ids))
    return len(ids)
