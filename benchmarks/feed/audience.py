"""Clients of the socket, as light as can be: one process with one epoll loop plays all of them.

They share the cores with the server that they measure. A message costs its client a system call and a search for
`"seq":`; nothing is parsed. Each must come once and in order, else it is a fault.
"""

import multiprocessing
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

from benchmarks.feed.sockets import Follow, Sockets

_PATIENCE_S: Final = 120


@dataclass(frozen=True, slots=True)
class Heard:
    """What all sockets got: the seq of every message, and when it came (`time.monotonic`, which processes share)."""

    seqs: "array[int]"
    times: "array[float]"
    faults: int
    """Messages that were not the next of their stream."""
    reconnections: int

    def latencies_s(self, committed: dict[int, float]) -> list[float]:
        """From commit to client, sorted, of all whose commit was timed."""
        return sorted(at - committed[seq] for seq, at in zip(self.seqs, self.times, strict=True) if seq in committed)


class Audience:
    """The process with the clients, by its parent's hand."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def join(self, follows: Sequence[Follow]) -> None:
        """Connect sockets; returns when the server has confirmed every subscription."""
        self._ask("join", follows)

    def leave(self, count: int) -> None:
        """Close the oldest sockets."""
        self._ask("leave", count)

    def stall(self) -> None:
        """Have the newest socket stop reading."""
        self._ask("stall")

    def closing_code(self) -> int | None:
        """Read what the stalled socket was sent, to the end, and say which code ended it."""
        code: int | None = self._ask("closing_code")
        return code

    def least(self) -> int:
        """The lowest seq that the last message of a socket had; the stalled one does not count."""
        seq: int = self._ask("least")
        return seq

    def await_seq(self, seq: int, within_s: float = _PATIENCE_S) -> bool:
        """Whether all sockets have come to `seq` in this time."""
        give_up_at = time.monotonic() + within_s
        while self.least() < seq:
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.02)
        return True

    def heard(self) -> Heard:
        """All that came since this was asked last."""
        heard: Heard = self._ask("heard")
        return heard

    def _ask(self, question: str, *arguments: Any) -> Any:  # noqa: ANN401
        self._pipe.send((question, arguments))
        if not self._pipe.poll(_PATIENCE_S):
            raise TimeoutError(f"the clients do not answer: {question}")
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def gathered() -> Iterator[Audience]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_play, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Audience(ours)
    finally:
        ours.close()
        process.join()


def _play(pipe: Connection) -> None:
    """Runs in the clients' process, until the pipe is closed."""
    sockets = Sockets()
    sockets.attend(pipe.fileno())
    while True:
        if not sockets.listen():
            continue
        try:
            question, arguments = pipe.recv()
        except (EOFError, ConnectionError, KeyboardInterrupt):
            return
        try:
            answer = _heard(sockets) if question == "heard" else getattr(sockets, question)(*arguments)
        except Exception as error:
            answer = error
        pipe.send(answer)


def _heard(sockets: Sockets) -> Heard:
    heard = Heard(sockets.seqs, sockets.times, sockets.faults, sockets.reconnections)
    sockets.seqs, sockets.times = array("q"), array("d")
    return heard
