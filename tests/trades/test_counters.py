"""A counter: callers are served by one of them, and whom that takes too long goes elsewhere."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from trades.counters import Counter

LONG_S = 10


class Clerk:
    """Serves, and holds up the first company until it is told to go on."""

    def __init__(self) -> None:
        self.companies: list[list[str]] = []
        self.busy = threading.Event()
        self.go_on = threading.Event()

    def serve(self, company: Sequence[str]) -> None:
        self.companies.append(list(company))
        if len(self.companies) == 1:
            self.busy.set()
            assert self.go_on.wait(LONG_S)


@contextmanager
def held_up(counter: Counter[str], clerk: Clerk) -> Iterator[None]:
    """Somebody is being served for the length of the block."""
    first = threading.Thread(target=lambda: counter.go("first", 1, clerk.serve, LONG_S))
    first.start()
    assert clerk.busy.wait(LONG_S)
    yield
    clerk.go_on.set()
    first.join()


def come(counter: Counter[str], clerk: Clerk, *who: str, size: int = 1) -> list[threading.Thread]:
    """Callers who come in this order."""
    threads = []
    for number, name in enumerate(who, start=len(counter._queue) + 1):
        threads.append(threading.Thread(target=lambda n=name: counter.go(n, size, clerk.serve, LONG_S)))
        threads[-1].start()
        while len(counter._queue) < number:
            pass
    return threads


def test_who_waits_is_served_together_with_the_others_in_their_order() -> None:
    counter, clerk = Counter[str](capacity=10), Clerk()
    with held_up(counter, clerk):
        threads = come(counter, clerk, "a", "b", "c")
    for thread in threads:
        thread.join(LONG_S)
    assert clerk.companies == [["first"], ["a", "b", "c"]]


def test_a_company_is_no_larger_than_the_capacity() -> None:
    counter, clerk = Counter[str](capacity=10), Clerk()
    with held_up(counter, clerk):
        threads = come(counter, clerk, "a", "b", "c", size=5)
    for thread in threads:
        thread.join(LONG_S)
    assert sorted(map(len, clerk.companies)) == [1, 1, 2]


def test_who_is_out_of_patience_leaves_unserved() -> None:
    counter, clerk = Counter[str](capacity=10), Clerk()
    with held_up(counter, clerk):
        assert not counter.go("impatient", 1, clerk.serve, 0.01)
        assert not counter.go("alone", 1, clerk.serve, 0.01, alone=True)
    assert clerk.companies == [["first"]]
    assert counter.go("later", 1, clerk.serve, LONG_S)


def test_what_goes_wrong_all_of_the_company_get_and_the_next_are_served() -> None:
    counter = Counter[str](capacity=10)
    meet = threading.Barrier(3)

    def fail(company: Sequence[str]) -> None:
        raise ValueError(",".join(company))

    def call(_: int) -> str:
        meet.wait(LONG_S)
        with pytest.raises(ValueError, match="x") as caught:
            counter.go("x", 1, fail, LONG_S)
        return str(caught.value)

    with ThreadPoolExecutor(3) as threads:
        assert all(threads.map(call, range(3)))
    assert counter.go("later", 1, lambda _: None, LONG_S)


@pytest.mark.parametrize("alone", [True, False])
def test_everybody_is_served_once(alone: bool) -> None:
    counter, lock = Counter[str](capacity=3), threading.Lock()
    served: list[str] = []

    def serve(company: Sequence[str]) -> None:
        with lock:
            served.extend(company)

    def call(n: int) -> bool:
        return counter.go(str(n), 1, serve, LONG_S, alone=alone and n % 2 == 0)

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(call, range(40)))
    assert sorted(served) == sorted(map(str, range(40)))
