"""Doing the same for many things that have nothing to do with each other."""

import logging
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError

from iqx.core.errors import Busy

T = TypeVar("T")

logger = logging.getLogger(__name__)

_MOST_BUSY: Final = 3
"""Each item that is busy costs the whole time that a lock is waited for; the rest has time until the next round."""


def each(items: Iterable[T], do: Callable[[T], object]) -> int:
    """Call `do`, a use case, for each item; for how many it said yes. What is wrong with one holds up no other.

    An item whose locks others hold is passed over. A fault is logged, and the next item has its turn.

    Raises:
        OperationalError, InterfaceError: the database is away, so no item can be done.
    """
    done = busy = 0
    for item in items:
        try:
            done += bool(do(item))
        except Busy:
            busy += 1
            if busy == _MOST_BUSY:
                break
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Failed for %s", item)
    return done
