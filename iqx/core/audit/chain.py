"""The chain: the worker seals records in batches, and whoever has the database can prove that it is whole.

Each batch's hash is taken over the hash before it and the ids and digests of its records, so a record that is
changed, put in or taken out breaks the chain from there on. Who can write to the database could make a new chain:
he lacks the key of the `mac`, and the head that was written down elsewhere (the worker logs each).
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Count

from iqx.core import clock, crypto
from iqx.core.audit.recording import digest_of
from iqx.core.locking import LockRank, lock
from iqx.core.models import AuditBatch, AuditHead, AuditRecord
from iqx.core.transactions import use_case

logger = logging.getLogger(__name__)

GENESIS: Final = "0" * 64
_PURPOSE: Final = "audit trail"
_BATCH: Final = 1000


def hash_of(previous: str, records: Iterable[AuditRecord]) -> str:
    """The hash of a batch of these records, in the order of their ids, after the batch whose hash is `previous`."""
    lines = [previous, *(f"{record.pk}:{record.digest}" for record in records)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@use_case
def seal_records(limit: int = _BATCH) -> int:
    """Chain what was recorded since the last time; how many records that was. Locks: the head, if nobody has it."""
    for head in lock(LockRank.AUDIT, AuditHead.objects.all(), skip_locked=True):
        records = list(AuditRecord.objects.filter(batch=None).order_by("pk")[:limit])
        if not records:
            return 0
        made = hash_of(head.hash, records)
        batch = AuditBatch.objects.create(
            number=head.number + 1,
            records=len(records),
            previous_hash=head.hash,
            hash=made,
            mac=crypto.mac(made, purpose=_PURPOSE),
            at=clock.now(),
        )
        AuditRecord.objects.filter(pk__in=[record.pk for record in records]).update(batch=batch)
        head.number, head.hash = batch.number, batch.hash
        head.save(update_fields=["number", "hash"])
        logger.info("The audit trail's head is %s, with %d more records", batch, len(records))
        return len(records)
    return 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: nothing in `breaks` if all is as it was written."""

    breaks: list[str]
    records: int
    batches: int
    unsealed: int
    head: str


def verify(known_head: str = "") -> Verdict:
    """Prove the chain. `known_head`, as it was written down elsewhere, must be in it: `<number>:<hash>`."""
    with _snapshot():
        head = AuditHead.objects.first()
        at_end = str(head) if head else ""
        breaks = [*_broken_links(at_end), *_broken_open_records(), *_missing_head(known_head)]
        sizes = AuditRecord.objects.aggregate(all=Count("pk"), sealed=Count("batch"))
        return Verdict(breaks, sizes["all"], AuditBatch.objects.count(), sizes["all"] - sizes["sealed"], at_end)


@contextmanager
def _snapshot() -> Iterator[None]:
    """All as it is at one moment, though the worker goes on sealing. A test's own transaction is left as it is."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _broken_links(at_end: str) -> Iterator[str]:
    number, previous = 0, GENESIS
    for batch in AuditBatch.objects.order_by("number").iterator():
        if batch.number != number + 1:
            yield f"batch {number + 1} is missing"
        elif batch.previous_hash != previous:
            yield f"batch {batch.number} does not continue batch {number}"
        yield from _broken_batch(batch)
        number, previous = batch.number, batch.hash
    if at_end != f"{number}:{previous}":
        yield f"the chain ends at batch {number}; its head says {at_end or 'nothing'}"


def _broken_batch(batch: AuditBatch) -> Iterator[str]:
    records = list(batch.members.order_by("pk"))
    yield from _broken_records(records)
    if len(records) != batch.records:
        yield f"batch {batch.number} has {len(records)} records, not {batch.records}"
    elif hash_of(batch.previous_hash, records) != batch.hash:
        yield f"batch {batch.number} does not have the records that it was made of"
    if not crypto.mac_fits(batch.hash, batch.mac, purpose=_PURPOSE):
        yield f"batch {batch.number} was not sealed with a key of IQX_ENCRYPTION_KEYS"


def _broken_open_records() -> Iterator[str]:
    yield from _broken_records(AuditRecord.objects.filter(batch=None).order_by("pk").iterator())


def _broken_records(records: Iterable[AuditRecord]) -> Iterator[str]:
    for record in records:
        if record.digest != digest_of(record):
            yield f"record {record.pk} ({record.action}, {clock.rfc3339(record.at)}) was changed"


def _missing_head(known: str) -> Iterator[str]:
    if not known:
        return
    number, _, made = known.partition(":")
    if int(number) and not AuditBatch.objects.filter(number=number, hash=made).exists():
        yield f"batch {number}, which was the head once, is not in the chain"
