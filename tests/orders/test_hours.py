"""When a window is open: midnight, adjoining windows, and clocks that are put forward and back."""

from datetime import UTC, datetime

import pytest

from orders.hours import State, Window, state_at


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MONDAY, TUESDAY, SUNDAY = 0, 1, 6


@pytest.mark.parametrize(
    ("now", "windows", "expected"),
    [
        ("2026-11-02T08:59", [Window(MONDAY, 540, 600)], State(False, at("2026-11-02T09:00"))),
        ("2026-11-02T09:00", [Window(MONDAY, 540, 600)], State(True, at("2026-11-02T10:00"))),
        ("2026-11-02T10:00", [Window(MONDAY, 540, 600)], State(False, at("2026-11-09T09:00"))),
        # Over midnight, from last night, and from Sunday to Monday.
        ("2026-11-03T01:00", [Window(MONDAY, 1320, 120)], State(True, at("2026-11-03T02:00"))),
        ("2026-11-02T00:30", [Window(SUNDAY, 1320, 60)], State(True, at("2026-11-02T01:00"))),
        # Adjoining and overlapping windows are one.
        ("2026-11-02T09:30", [Window(MONDAY, 540, 600), Window(MONDAY, 600, 660)], State(True, at("2026-11-02T11:00"))),
        ("2026-11-02T23:00", [Window(MONDAY, 0, 1440), Window(TUESDAY, 0, 60)], State(True, at("2026-11-03T01:00"))),
        # Never, and always: then it is looked at again in good time.
        ("2026-11-02T12:00", [], State(False, None)),
        ("2026-11-02T12:00", [Window(day, 0, 1440) for day in range(7)], State(True, at("2026-11-11T00:00"))),
    ],
)
def test_a_window_is_open_from_its_first_minute_to_its_last(now: str, windows: list[Window], expected: State) -> None:
    assert state_at(at(now), windows, "UTC") == expected


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-28T12:00", "2026-03-29T07:00"),  # the clock is put forward that night: UTC+2
        ("2026-10-24T12:00", "2026-10-25T08:00"),  # and back: UTC+1
    ],
)
def test_a_window_follows_the_clock_on_the_wall(now: str, opens: str) -> None:
    windows = [Window(SUNDAY, 540, 600)]
    assert state_at(at(now), windows, "Europe/Berlin") == State(False, at(opens))


def test_a_window_inside_of_the_hour_that_is_left_out_never_opens() -> None:
    state = state_at(at("2026-03-28T23:00"), [Window(SUNDAY, 130, 170)], "Europe/Berlin")
    assert state.is_open is False
