"""Heartbeats, and the outages that gaps between them prove.

Each server process beats every few seconds, all of a kind into one row: the kind is alive while any of them is. The
first beat after a gap finds the outage and writes it down in the same transaction, so whoever sees a fresh pulse also
sees what went before it. Deadlines are moved by what `owed_spans` tells (see `trades.clocks`).
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from iqx.core import clock
from iqx.core.errors import Busy
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.models import Outage, Pulse, PulseKind
from iqx.core.transactions import use_case

logger = logging.getLogger(__name__)

INTERVAL: Final = timedelta(seconds=5)
TOLERANCE: Final = timedelta(seconds=30)
"""A gap between two beats that is longer was an outage."""

Span = tuple[datetime, datetime]


@use_case
def beat(kind: PulseKind) -> None:
    """Say that this process works, at most every `INTERVAL`; write down the outage that ends with it, if any.

    Locks: the pulse.
    """
    now = clock.now()
    if Pulse.objects.filter(pk=kind, at__gt=now - INTERVAL).exists():
        return
    pulse = lock_one(LockRank.PULSE, Pulse.objects.filter(pk=kind))
    if pulse is None:
        Pulse.objects.get_or_create(kind=kind, defaults={"at": now})
        return
    if now - pulse.at > TOLERANCE:
        Outage.objects.create(kind=kind, started_at=pulse.at, ended_at=now)
    pulse.at = max(pulse.at, now)
    pulse.save(update_fields=["at"])


def is_silent(kind: PulseKind) -> bool:
    """Whether processes of this kind were there, and none has beaten for too long."""
    return Pulse.objects.filter(pk=kind, at__lt=clock.now() - TOLERANCE).exists()


_OWED = """
SELECT lower(span), upper(span)
FROM unnest(
    (SELECT range_agg(tstzrange(started_at, ended_at)) FROM core_outage WHERE made_good_at IS NULL)
    - coalesce((SELECT range_agg(tstzrange(started_at, ended_at)) FROM core_outage WHERE made_good_at IS NOT NULL),
               '{}'::tstzmultirange)
) AS span
ORDER BY 1
"""


def owed_spans() -> list[Span]:
    """The times of outages not made good yet, and mark them so: the caller makes them good in its transaction.

    The spans are disjoint, also from all that were told before, so time in which two kinds slept counts once.

    Locks: the pulses.
    """
    if not Outage.objects.filter(made_good_at=None).exists():
        return []
    lock(LockRank.PULSE, Pulse.objects.all())
    with connection.cursor() as cursor:
        cursor.execute(_OWED)
        spans: list[Span] = cursor.fetchall()
    Outage.objects.filter(made_good_at=None).update(made_good_at=clock.now())
    return spans


def start_beating(kind: PulseKind, at_each: Callable[[], None] | None = None) -> Callable[[], None]:
    """Beat in a thread from now on, whatever becomes of the database; returns what stops it.

    `at_each` is called with each beat, missed or not.
    """
    stopping = threading.Event()
    thread = threading.Thread(target=_keep_beating, args=(kind, stopping, at_each), name="pulse", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(timeout=1)

    return stop


def _keep_beating(kind: PulseKind, stopping: threading.Event, at_each: Callable[[], None] | None) -> None:
    missed = False
    while True:
        if at_each:
            at_each()
        try:
            beat(kind)
            missed = False
        except (OperationalError, InterfaceError, Busy) as error:
            if not missed:
                logger.warning("The pulse of this process can't be noted: %s", error)
            missed = True
        finally:
            connection.close()
        if stopping.wait(INTERVAL.total_seconds()):
            return
