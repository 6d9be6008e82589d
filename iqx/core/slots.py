"""Metrics of several processes as one: each process counts in files of its own, in a folder that all of them read.

A process takes the first free *slot* of its kind (`web-0`, `web-1`, `worker-0`), by a file lock that the kernel drops
however it ends. Its successor takes the same slot and counts on from there. So there are as many files as there ever
were processes at once, a restart sets no counter back, and nobody has to tidy up. What a dead process had open
(sockets, connections) is dropped by whoever looks next.

`enter` comes before anything makes a metric; a process that doesn't enter, such as a command, counts for itself alone.
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from prometheus_client import values

_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(slots=True)
class _Place:
    """Where this process counts, once it has entered; `slot` is taken when it is first needed, anew after a fork."""

    folder: Path
    kind: str
    slot: str = ""
    lock: int = -1


@dataclass(frozen=True, slots=True)
class Process:
    slot: str
    pid: int


_place: _Place | None = None


def enter(folder: Path, kind: str) -> None:
    """Count together with the other processes of `folder` from now on; too late once metrics were made."""
    global _place  # noqa: PLW0603
    if _place is not None or "iqx.core.metrics" in sys.modules:
        return
    _place = _Place(_made(folder), kind)
    os.environ[_VARIABLE] = str(_place.folder)
    values.ValueClass = values.MultiProcessValue(_my_slot)  # type: ignore[no-untyped-call]


def folder() -> Path | None:
    """Where all processes count; None, if this one counts for itself."""
    return _place.folder if _place else None


def processes() -> list[Process]:
    """The living processes that count together."""
    return [process for process, alive in _all_processes() if alive]


def forget_the_dead() -> None:
    """Drop what dead processes had open when they ended."""
    if _place is None:
        return
    for process, alive in _all_processes():
        if not alive:
            for file in _place.folder.glob(f"gauge_live*_{process.slot}.db"):
                file.unlink(missing_ok=True)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
    except OSError:  # a read-only container: there it is the only process
        return Path(tempfile.mkdtemp(prefix="iqx-metrics-"))
    return folder


def _my_slot() -> str:
    assert _place is not None  # noqa: S101
    if not _place.slot:
        _take_slot(_place)
    return _place.slot


def _take_slot(place: _Place) -> None:
    for number in count():
        slot = f"{place.kind}-{number}"
        descriptor = os.open(place.folder / f"{slot}.pid", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        place.slot, place.lock = slot, descriptor
        return


def _all_processes() -> Iterator[tuple[Process, bool]]:
    """Every process that counted here, and whether it lives."""
    if _place is None:
        return
    for file in sorted(_place.folder.glob("*.pid")):
        if file.stem == _place.slot:
            yield Process(file.stem, os.getpid()), True
            continue
        with file.open() as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield Process(file.stem, int(opened.read().strip() or 0)), True
            else:
                yield Process(file.stem, 0), False


def _leave_the_parents_slot() -> None:
    """In a forked child: the slot is the parent's, who holds its lock as long as he lives."""
    if _place is not None and _place.slot:
        os.close(_place.lock)
        _place.slot, _place.lock = "", -1


os.register_at_fork(after_in_child=_leave_the_parents_slot)
