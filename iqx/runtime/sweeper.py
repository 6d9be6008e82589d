"""What has to happen because time passes, though nobody asks: a round of chores each second.

Every chore is a use case that claims what it works on, so any number of sweepers may run beside each other.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import psycopg
from django.db import InterfaceError, OperationalError, connection

from accounts.approvals import expire_approvals
from accounts.duties import call_to_overdue
from disputes.services import open_overdue_disputes, tend_disputes
from iqx.core import clock, idempotency, maintenance, metrics, pulse, quota
from iqx.core.audit.chain import seal_records
from iqx.core.errors import Busy
from iqx.core.files import orphans
from iqx.core.models import PulseKind
from iqx.desk.figures import roll_up_figures
from iqx.notices.services import purge as purge_notices
from iqx.ops.readings import LEDGER, STATE, measure_what_is_due
from iqx.ops.retention import forget_old, tidy_up
from orders.feeds import Follower
from orders.floating import pause_stale
from orders.hours import keep_hours
from orders.selectors import markets_with_pending
from orders.services import cancel_orders_of_suspended, expire_orders, fire_cancel_after
from support.services import tend_tickets
from trades.clocks import advance_due_trades, make_good_outages
from trades.matching_run import match_market
from trades.reputation import roll_up_records
from trades.scams import flag_scams

logger = logging.getLogger(__name__)

_ROUND_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 15.0
_LONGEST_REST_S: Final = pulse.TOLERANCE.total_seconds() / 2  # longer, and a fault would look like an outage
_FORGOTTEN_AFTER: Final = timedelta(seconds=1)
_SUSPENDED_EVERY_S: Final = 5.0
_TICKETS_EVERY_S: Final = 10.0
_RECORDS_EVERY_S: Final = 5.0
_SCAMS_EVERY_S: Final = 10.0
_CALLS_EVERY_S: Final = 30.0
_POOL_EVERY_S: Final = 5.0
_MEASURE_EVERY_S: Final = 5.0
_AUDIT_EVERY_S: Final = 30.0  # how often it is asked whether an audit is due
_SEAL_EVERY_S: Final = 10.0
_FIGURES_EVERY_S: Final = 60.0
_PURGE_EVERY_S: Final = 600.0
_ORPHANS_EVERY_S: Final = 3600.0
_TIDY_EVERY_S: Final = 3600.0
_FORGET_EVERY_S: Final = 10.0


def enforce_trade_deadlines() -> None:
    """Advance trades whose time is up; never by time in which people could not act.

    The order matters: a fresh pulse is only seen together with the outage that it ended, and the end of a maintenance
    together with its.
    """
    pulse.beat(PulseKind.WORKER)
    if pulse.is_silent(PulseKind.WEB) or maintenance.under_way():
        return
    make_good_outages()
    advance_due_trades()
    open_overdue_disputes()
    tend_disputes()


def match_forgotten_orders() -> None:
    """Match what was placed, but whose server died before it could match it."""
    for symbol in markets_with_pending(before=clock.now() - _FORGOTTEN_AFTER):
        with contextlib.suppress(Busy):
            match_market(symbol)


def follow_prices(follower: Follower) -> None:
    """Have the references follow a price feed, and match what was repriced."""
    for symbol in follower.follow():
        with contextlib.suppress(Busy):
            match_market(symbol)


@dataclass(slots=True)
class Chore:
    """Something to do every `every_s` seconds; after failures in a row it rests longer and longer."""

    name: str
    run: Callable[[], object]
    every_s: float = _ROUND_S
    due_at: float = 0.0
    failures: int = 0

    def succeeded(self, now: float) -> None:
        self.failures = 0
        self.due_at = now + self.every_s

    def failed(self, now: float) -> None:
        self.failures += 1
        self.due_at = now + min(_LONGEST_REST_S, 2.0**self.failures)


def chores() -> list[Chore]:
    return [
        Chore("enforce the deadlines of trades", enforce_trade_deadlines),
        Chore("tend tickets", tend_tickets, _TICKETS_EVERY_S),
        Chore("expire orders", expire_orders),
        Chore("fire dead man's switches", fire_cancel_after),
        Chore("cancel the orders of suspended users", cancel_orders_of_suspended, _SUSPENDED_EVERY_S),
        Chore("pause orders whose reference is stale", pause_stale),
        Chore("keep opening hours", keep_hours),
        Chore("match forgotten orders", match_forgotten_orders),
        Chore("roll up the records of traders", roll_up_records, _RECORDS_EVERY_S),
        Chore("flag what looks like a scam", flag_scams, _SCAMS_EVERY_S),
        Chore("call staff to what is overdue", call_to_overdue, _CALLS_EVERY_S),
        Chore("note the connections of this process", metrics.note_pool, _POOL_EVERY_S),
        Chore("expire what nobody approved", expire_approvals, _CALLS_EVERY_S),
        Chore("seal the audit trail", seal_records, _SEAL_EVERY_S),
        Chore("roll up the figures of the hour", roll_up_figures, _FIGURES_EVERY_S),
        Chore("purge idempotency records", idempotency.purge, _PURGE_EVERY_S),
        Chore("purge quota counters", quota.purge, _PURGE_EVERY_S),
        Chore("purge notices", purge_notices, _PURGE_EVERY_S),
        Chore("delete what is over its time", tidy_up, _TIDY_EVERY_S),
        Chore("delete old events and chats", forget_old, _FORGET_EVERY_S),
        Chore("delete files that nothing points to", orphans.sweep, _ORPHANS_EVERY_S),
    ]


def measurements() -> list[Chore]:
    """What takes long where there is much; for sweepers of their own."""
    return [
        Chore("measure what waits", partial(measure_what_is_due, (STATE,)), _MEASURE_EVERY_S),
        Chore("audit the ledger", partial(measure_what_is_due, (LEDGER,)), _AUDIT_EVERY_S),
    ]


class DatabaseAway(Exception):
    """The database does not answer, so no chore can be done."""


class Sweeper:
    """Does chores in a thread until it is stopped. No fault of one holds up the others; an outage is told once.

    A `quiet` one leaves it to another sweeper of its process to tell of outages.
    """

    def __init__(self, chores: Sequence[Chore], *, quiet: bool = False) -> None:
        self._chores = chores
        self._outage_level = logging.DEBUG if quiet else logging.WARNING
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._pause_s = _ROUND_S

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, patience_s: float) -> None:
        """Finish the chore in hand, if it doesn't take too long, and no other."""
        self._stopping.set()
        self._thread.join(patience_s)

    def _run(self) -> None:
        self.round()
        while not self._stopping.wait(self._pause_s):
            self.round()

    def round(self) -> None:
        """Do what is due."""
        try:
            for chore in self._chores:
                if chore.due_at <= time.monotonic() and not self._stopping.is_set():
                    self._do(chore)
        except DatabaseAway as outage:
            if self._pause_s == _ROUND_S:
                logger.log(self._outage_level, "The database does not answer; the chores wait for it: %s", outage)
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        else:
            if self._pause_s > _ROUND_S:
                logger.log(self._outage_level, "The database answers again; the chores go on")
            self._pause_s = _ROUND_S
        finally:
            connection.close()

    def _do(self, chore: Chore) -> None:
        started = time.monotonic()
        try:
            self._try(chore)
        finally:
            metrics.chore_seconds.labels(chore.name).inc(time.monotonic() - started)

    def _try(self, chore: Chore) -> None:
        try:
            chore.run()
        except Busy:
            logger.info("Could not %s just now: others hold the locks", chore.name)
        except Exception as error:
            _require_database(error)
            chore.failed(time.monotonic())
            metrics.chore_failures.labels(chore.name).inc()
            logger.exception("Failed to %s", chore.name)
        else:
            chore.succeeded(time.monotonic())
            metrics.chore_rounds.labels(chore.name).inc()


def _require_database(error: Exception) -> None:
    """Raises DatabaseAway, if that is why `error` happened."""
    if not isinstance(error, OperationalError | InterfaceError):
        return
    connection.close()
    if _lost_its_connection(error):  # another one may answer still, for the moment
        raise DatabaseAway(str(error).strip()) from None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        raise DatabaseAway(str(error).strip()) from None


def _lost_its_connection(error: Exception) -> bool:
    """Whether the server ended the connection, by word (classes 08 and 57P of its codes) or without one."""
    cause = error.__cause__
    return isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or "08").startswith(("08", "57P"))
