"""One use case = one transaction, and what its failures mean."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, overload

from django.db import OperationalError, connection, transaction
from psycopg import errors as pg

from iqx.core.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")

_CONTENTION = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)


class NotWrittenDown(RuntimeError):
    """A use case let staff act and left no record in the audit trail, so it does not commit."""


@dataclass(slots=True)
class UnitOfWork:
    """The transaction under way: the rank of its last lock, and whether a use case may still join it.

    `owes_record`: staff act in it, and the audit trail doesn't know yet (`iqx.core.audit`).
    """

    lock_rank: int = 0
    may_join: bool = False
    owes_record: bool = False


_current: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def current_unit() -> UnitOfWork:
    unit = _current.get()
    if unit is None:
        raise RuntimeError("This needs a unit of work: call it from a use case")
    return unit


def pay_record() -> None:
    """State that the audit trail knows what staff do in this transaction.

    Raises:
        RuntimeError: there is none, so the record would stay though the act may fail.
    """
    unit = _current.get()
    if unit is not None:
        unit.owes_record = False
    elif not connection.in_atomic_block:
        raise RuntimeError("What staff do is recorded in the transaction that does it")


def under_way() -> bool:
    """Whether this thread is in a unit of work."""
    return _current.get() is not None


@contextmanager
def unit_of_work(*, may_join: bool = False, pipelined: bool = False) -> Iterator[UnitOfWork]:
    """Commit all of the block or none of it.

    With `may_join` the block may contain one use case, which then commits with it: that is how an idempotency
    record and its effect become one. A `pipelined` block uses the database through `iqx.core.hot` alone; what it
    writes is sent together, so a refusal by the database may be raised at the end of the block.

    Raises:
        Busy: a lock timed out or a deadlock was broken; nothing was changed.
    """
    if _current.get() is not None:
        raise RuntimeError("A use case can't run inside another one")
    token = _current.set(unit := UnitOfWork(may_join=may_join))
    try:
        with transaction.atomic(durable=True), _pipeline() if pipelined else nullcontext():
            yield unit
            if unit.owes_record:
                raise NotWrittenDown("Staff acted, and no audit.record says so")
    except OperationalError as error:
        if isinstance(error.__cause__, _CONTENTION):
            raise Busy from error
        raise
    finally:
        _current.reset(token)


@contextmanager
def _pipeline() -> Iterator[None]:
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


@overload
def use_case(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def use_case(*, pipelined: bool) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def use_case(function: Callable[..., Any] | None = None, /, *, pipelined: bool = False) -> Callable[..., Any]:
    """Make a function a use case: one transaction of its own, or the one that awaits it (see `unit_of_work`)."""
    if function is None:
        return functools.partial(use_case, pipelined=pipelined)

    @functools.wraps(function)
    def in_one_transaction(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as the function has it
        unit = _current.get()
        if unit is not None and unit.may_join:
            unit.may_join = False
            return function(*args, **kwargs)
        with unit_of_work(pipelined=pipelined):
            return function(*args, **kwargs)

    return in_one_transaction


class _Undone(Exception):
    """Rolls back, and carries out of the transaction what was found in it."""

    def __init__(self, found: object) -> None:
        super().__init__()
        self.found = found


def rehearse(function: Callable[[], R]) -> R:
    """What `function`, which may call one use case, would answer: with all checks, also the deferred, and no effect."""
    try:
        with unit_of_work(may_join=True):
            found = function()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            raise _Undone(found)
    except _Undone as undone:
        return undone.found  # type: ignore[return-value]
