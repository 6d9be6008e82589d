"""Queues of a process's callers, one a market: whoever comes to the head serves all who stand there with him."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Place(Generic[T]):
    """Where a caller stands, with what he brought; `served` by himself or by another, or refused with `error`."""

    brought: T
    size: int
    served: bool = False
    error: Exception | None = None


@dataclass(slots=True)
class Counter(Generic[T]):
    """A queue that is served by those who stand in it, one company after the other, none larger than `capacity`."""

    capacity: int
    _gate: threading.Condition = field(default_factory=threading.Condition)
    _queue: list[_Place[T]] = field(default_factory=list)
    _busy: bool = False

    def go(
        self, brought: T, size: int, serve: Callable[[Sequence[T]], None], patience_s: float, *, alone: bool = False
    ) -> bool:
        """Have `brought` served, by one's own call of `serve` or by that of somebody ahead; False if it took too long.

        Who is `alone` serves nobody else, and is served by nobody else. What `serve` raises, all of its company get.
        """
        place = _Place(brought, size)
        company = self._queue_up(place, patience_s, alone=alone)
        if company:
            self._serve(company, serve)
        if place.error:
            raise place.error
        return place.served

    def _queue_up(self, place: _Place[T], patience_s: float, *, alone: bool) -> list[_Place[T]]:
        """Wait until the place is served, at the head, or out of patience; whom to serve, if at the head."""
        with self._gate:
            if not alone:
                self._queue.append(place)
            in_time = self._gate.wait_for(lambda: place.served or place.error or not self._busy, patience_s)
            if place.served or place.error:
                return []
            if not in_time:
                if not alone and place not in self._queue:  # in good hands
                    self._gate.wait_for(lambda: place.served or place.error)
                elif not alone:
                    self._queue.remove(place)
                return []
            self._busy = True
            return [place] if alone else self._take_company(place)

    def _take_company(self, place: _Place[T]) -> list[_Place[T]]:
        """The place itself and, in their order, as many of the others as there is room for."""
        company, room = [], self.capacity - place.size
        for other in self._queue:
            if other is place:
                company.append(other)
            elif other.size <= room:
                company.append(other)
                room -= other.size
        self._queue = [other for other in self._queue if other not in company]
        return company

    def _serve(self, company: Sequence[_Place[T]], serve: Callable[[Sequence[T]], None]) -> None:
        error: Exception | None = RuntimeError("whoever served was interrupted")
        try:
            serve([place.brought for place in company])
            error = None
        except Exception as caught:  # each of the company raises it
            error = caught
        finally:
            with self._gate:
                for place in company:
                    place.served, place.error = error is None, error
                self._busy = False
                self._gate.notify_all()
