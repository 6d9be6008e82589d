"""Opening hours: the weekly windows in which a merchant's orders are in the book.

Outside of them his orders are paused, and the worker sees to it when a window begins or ends; so matching need not
know of hours. What he places outside of them may trade at once, since he is there; the rest is paused.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import Exists, OuterRef, Q

from iqx.core import clock, rounds
from iqx.core.errors import Invalid
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from orders.models import OpeningHours, Order
from orders.pausing import lock_live, put_aside, put_back

MOST_WINDOWS: Final = 28
_DAY: Final = 1440
_HORIZON_DAYS: Final = 9
_OUTSIDE: Final = Order.Pause.OUTSIDE_HOURS


class Window(NamedTuple):
    """From one minute of a weekday (Monday is 0) to another; one that ends before it begins ends on the next day."""

    weekday: int
    start: int
    end: int


class State(NamedTuple):
    """Whether it is open, and when that changes, or is to be looked at again."""

    is_open: bool
    changes_at: datetime | None


def state_at(now: datetime, windows: Iterable[Sequence[int]], time_zone: str) -> State:
    """Whether one of the windows is open, and until when. Clocks that are put forward or back are minded."""
    zone = ZoneInfo(time_zone)
    spans = sorted(_spans(now.astimezone(zone), [Window(*window) for window in windows], zone))
    until = now
    for start, end in spans:
        if start <= until < end:
            until = end
    if until > now:
        return State(is_open=True, changes_at=until)
    return State(is_open=False, changes_at=min((start for start, _ in spans if start > now), default=None))


def _spans(local: datetime, windows: Sequence[Window], zone: ZoneInfo) -> Iterable[tuple[datetime, datetime]]:
    """When the windows are open, from yesterday on for somewhat more than a week."""
    for number in range(-1, _HORIZON_DAYS):
        day = local.date() + timedelta(days=number)
        for window in windows:
            if window.weekday == day.weekday():
                length = (window.end - window.start) % _DAY or _DAY
                ends_on, end = divmod(window.start + length, _DAY)
                yield (
                    datetime.combine(day, _clock_time(window.start), zone),
                    datetime.combine(day + timedelta(days=ends_on), _clock_time(end), zone),
                )


def _clock_time(minute: int) -> time:
    return time(*divmod(minute, 60))


@use_case
def set_hours(*, user_id: UUID, time_zone: str, windows: Sequence[Window]) -> OpeningHours:
    """Keep a merchant's orders in the book only in these windows. What is outside of them is paused at once.

    Locks: the hours, the books, streams. Raises: Invalid, Busy. Emits: order_updated.
    """
    if time_zone not in available_timezones():
        raise Invalid("There is no such time zone; use a name such as Europe/Berlin.", field="time_zone")
    state = state_at(clock.now(), windows, time_zone)
    wanted = {"time_zone": time_zone, "windows": [list(window) for window in windows], **state._asdict()}
    lock_one(LockRank.ACCOUNT, OpeningHours.objects.filter(pk=user_id))
    hours, _ = OpeningHours.objects.update_or_create(pk=user_id, defaults=wanted)
    _follow(hours)
    return hours


@use_case
def drop_hours(*, user_id: UUID) -> None:
    """Have no hours any more: what they paused is put back. Locks: as `set_hours`."""
    lock_one(LockRank.ACCOUNT, OpeningHours.objects.filter(pk=user_id))
    OpeningHours.objects.filter(pk=user_id).delete()
    put_back(lock_live(user_id), _OUTSIDE)


def keep_hours() -> int:
    """Pause and put back the orders of merchants who close or open; of how many."""
    resting = Order.objects.filter(owner=OuterRef("pk"), status=Order.Status.OPEN)
    due = OpeningHours.objects.filter(Q(changes_at__lte=clock.now()) | Q(Exists(resting), is_open=False))
    return rounds.each(list(due.order_by("changes_at").values_list("pk", flat=True)[:200]), _look_again)


@use_case
def _look_again(user_id: UUID) -> bool:
    hours = lock_one(LockRank.ACCOUNT, OpeningHours.objects.filter(pk=user_id))
    if hours is None:
        return False
    hours.is_open, hours.changes_at = state_at(clock.now(), hours.windows, hours.time_zone)
    hours.save(update_fields=["is_open", "changes_at"])
    _follow(hours)
    return True


def _follow(hours: OpeningHours) -> None:
    """Have the merchant's orders be where his hours say."""
    orders = lock_live(hours.user_id)
    if hours.is_open:
        put_back(orders, _OUTSIDE)
    else:
        put_aside([order for order in orders if order.status != Order.Status.PENDING], _OUTSIDE)
