"""Where what is being done comes from: the request in hand, or a command."""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Origin:
    """`entrance` is the request's method and path, or the command."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""
    entrance: str = ""


def _command() -> Origin:
    program, *arguments = sys.argv or [""]
    return Origin(entrance=" ".join([Path(program).name, *arguments[:1]])[:200])


_origin: ContextVar[Callable[[], Origin]] = ContextVar("origin", default=_command)
_reader: ContextVar[UUID | None] = ContextVar("reader", default=None)


def coming_from(origin: Callable[[], Origin]) -> None:
    """Begin a request, whose reader nobody knows yet. `origin` is called only if something is recorded."""
    _origin.set(origin)
    _reader.set(None)


def origin_now() -> Origin:
    return _origin.get()()


def reading_as(user_id: UUID) -> None:
    """State that what this request shows, it shows to a member of staff: what he opens will be recorded."""
    _reader.set(user_id)


def reader() -> UUID | None:
    """The member of staff who reads by this request; None if it is no request of staff's."""
    return _reader.get()
