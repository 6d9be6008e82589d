"""What the races have in common: how they end, and how two callers are made to meet at the worst moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from orders.book import BookChanges
from tests.factories.racing import at_once

Call = Callable[[], Any]
PATIENCE_S = 10


def outcomes(calls: Sequence[Call]) -> list[str]:
    """What each call came to, by the type of its result or error; sorted, since nobody knows who is first."""
    return sorted(type(result).__name__ for result in at_once(calls))


def meet_after(monkeypatch: pytest.MonkeyPatch, where: object, check: str) -> None:
    """From now on, two callers wait for each other when both have passed `check`, before either writes."""
    barrier = threading.Barrier(2)
    passed = getattr(where, check)

    def pass_and_meet(*args: Any, **kwargs: Any) -> Any:
        result = passed(*args, **kwargs)
        barrier.wait(timeout=PATIENCE_S)
        return result

    monkeypatch.setattr(where, check, pass_and_meet)


def meet_before_writing_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for two callers who both decided what becomes of orders."""
    barrier = threading.Barrier(2)
    write = BookChanges.write

    def meet_and_write(self: BookChanges, *accepted: Any) -> None:
        barrier.wait(timeout=PATIENCE_S)
        write(self, *accepted)

    monkeypatch.setattr(BookChanges, "write", meet_and_write)
