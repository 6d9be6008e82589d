"""What is done for each of many things: none of them holds up the others."""

import logging
from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError

from iqx.core.errors import Busy
from iqx.core.rounds import each


def failing(**faults: Exception) -> tuple[list[str], Callable[[str], bool]]:
    """Something to do that fails for some items, and the list of those that it was called for."""
    called: list[str] = []

    def do(item: str) -> bool:
        called.append(item)
        if item in faults:
            raise faults[item]
        return item != "no"

    return called, do


def test_it_counts_what_was_done() -> None:
    called, do = failing()
    assert each(["a", "no", "b"], do) == 2
    assert called == ["a", "no", "b"]


def test_a_fault_is_logged_and_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    called, do = failing(a=ZeroDivisionError())
    assert each(["a", "b"], do) == 1
    assert called == ["a", "b"]
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.ERROR, "Failed for a")]


def test_what_is_busy_is_passed_over_until_too_much_is() -> None:
    called, do = failing(a=Busy(), b=Busy(), d=Busy())
    assert each("abc", do) == 1
    assert each("abcde", do) == 1
    assert called == [*"abc", *"abcd"]


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_without_the_database_nothing_is_tried_further(away: type[Exception]) -> None:
    called, do = failing(a=away())
    with pytest.raises(away):
        each("ab", do)
    assert called == ["a"]
