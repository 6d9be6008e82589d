"""The platform's clock, in UTC. Tests move it; nothing else reads the time directly."""

from datetime import UTC, datetime
from functools import lru_cache


def now() -> datetime:
    return datetime.now(UTC)


def moment(timestamp: float) -> datetime:
    """The time of seconds since the epoch."""
    return datetime.fromtimestamp(timestamp, UTC)


@lru_cache(1024)  # whatever is told at once has the same times, again and again
def rfc3339(moment: datetime) -> str:
    """`2026-11-22T10:00:00.123456Z`, always with microseconds, so that the texts sort."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
