"""Callers that act at the same moment, each on a connection and a transaction of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

R = TypeVar("R")


def at_once(calls: Sequence[Callable[[], R]]) -> list[R | Exception]:
    """Start all calls together; what each returned or raised, in order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], R]) -> R | Exception:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
