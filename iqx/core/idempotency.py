"""The same request twice has one effect and one answer.

The record of a request commits with its effect, in one transaction, so neither can be there without the other. While
that transaction runs, an advisory lock on (user, key) tells a repeat that it is too early. A refusal rolls back and
leaves no record: the same key may be tried again.

A request that needs two transactions (place an order, then match it) claims its key in the first one and leaves `refs`
there, enough to rebuild the answer if the second never came to it::

    with idempotency.claim(request) as claim:
        orders = place_orders(...)          # a use case: it joins the claim's transaction
        claim.refs = [str(order.id) for order in orders]
    match(...)                              # a use case of its own
    idempotency.save_answer(request, 201, body)

`iqx.core.api.views.IqxView` does all of this for a view.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from iqx.core import bulk, clock, hot
from iqx.core.errors import Conflict, DomainError, RuleViolated
from iqx.core.models import IdempotencyRecord
from iqx.core.transactions import unit_of_work

KEPT: Final = timedelta(hours=48)

_FINGERPRINT: Final = "SELECT fingerprint FROM core_idempotencyrecord WHERE user_id = %s AND key = %s"


class IdempotencyKeyRequired(DomainError):
    status = 400
    code = "idempotency_key_required"
    detail = "This moves money: send an Idempotency-Key header, so that a repeat can't move it twice."


class IdempotencyKeyReused(RuleViolated):
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used before, for another request."


class IdempotencyInProgress(Conflict):
    code = "idempotency_in_progress"
    detail = "A request with this Idempotency-Key is still running; repeat this one to get its answer."


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that may be repeated: whose, under which key, and what it asks."""

    user_id: UUID
    key: str
    endpoint: str
    fingerprint: str

    @property
    def lock_id(self) -> int:
        digest = hashlib.sha256(f"{self.user_id}/{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


@dataclass(slots=True)
class Claim:
    """The right to act on a key. Before the block ends, set `answer` (status, body) or `refs` (any JSON)."""

    answer: tuple[int, str] | None = None
    refs: Any = None


class AlreadyDone(Exception):
    """The request was done before; `record` says what it did. Rolls back the claim's transaction."""

    def __init__(self, record: IdempotencyRecord) -> None:
        super().__init__(record)
        self.record = record


@contextmanager
def claim(request: KeyedRequest) -> Iterator[Claim]:
    """Do the block at most once for the key: one transaction, which one use case may join.

    Raises:
        AlreadyDone: the same request was done before.
        IdempotencyKeyReused: the key was used for another request.
        IdempotencyInProgress: the same request is running.
    """
    with unit_of_work(may_join=True):
        if not _try_lock(request):
            raise IdempotencyInProgress
        _refuse_repeat(request)
        claimed = Claim()
        yield claimed
        status, body = claimed.answer or (None, "")
        record = {
            "user_id": request.user_id,
            "key": request.key,
            "endpoint": request.endpoint[:200],
            "fingerprint": request.fingerprint,
            "refs": claimed.refs,
            "status": status,
            "body": body,
            "created_at": clock.now(),
        }
        bulk.insert(IdempotencyRecord, [record])


def save_answer(request: KeyedRequest, status: int, body: str) -> None:
    """Keep the answer of a request that was claimed with `refs`."""
    mine = IdempotencyRecord.objects.filter(user_id=request.user_id, key=request.key)
    if not mine.update(status=status, body=body):
        raise RuntimeError(f"{request.endpoint} never claimed its key")


def purge() -> int:
    """Delete records older than `KEPT`; returns how many."""
    deleted, _ = IdempotencyRecord.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted


def _try_lock(request: KeyedRequest) -> bool:
    ((locked,),) = hot.rows("SELECT pg_try_advisory_xact_lock(%s)", [request.lock_id])
    return bool(locked)


def _refuse_repeat(request: KeyedRequest) -> None:
    """A statement after the lock's, so that its snapshot has all that the lock's last holder committed."""
    fingerprints = hot.rows(_FINGERPRINT, [request.user_id, request.key])
    if not fingerprints:
        return
    if fingerprints != [(request.fingerprint,)]:
        raise IdempotencyKeyReused
    raise AlreadyDone(IdempotencyRecord.objects.get(user_id=request.user_id, key=request.key))
