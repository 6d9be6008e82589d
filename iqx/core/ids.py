"""Identifiers that sort by the time they were made."""

import os
import time
from datetime import datetime
from uuid import UUID


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then randomness.

    Rows made together lie together in the index, and `ORDER BY id` is the order of creation to the millisecond.
    """
    value = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10), "big")
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def first_id_at(moment: datetime) -> UUID:
    """The least id that can be made at `moment`: what has a greater one was made then or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
