"""What is measured of the feed, one function for each; every one starts servers and clients of its own."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.feed import servers
from benchmarks.feed.audience import Audience, Heard, gathered
from benchmarks.feed.servers import Process, Redis
from benchmarks.feed.sockets import Follow
from benchmarks.feed.writer import Writer, send_to_group
from benchmarks.flow import MARKET
from benchmarks.lines import Line, percentile

_SETTLE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often; the bars are about the defaults."""

    seconds: int = 60
    sockets: int = 1_000
    rounds: int = 5
    churn_s: int = 60


def crowd(effort: Effort) -> list[Line]:
    """Many sockets on one process, at a steady rate."""
    with servers.feed() as server, gathered() as audience:
        audience.join([Follow((server.port,), MARKET)] * effort.sockets)
        time.sleep(_SETTLE_S)
        writer, cpu_s = Writer(MARKET), server.cpu_s()
        writer.at_rate(20, effort.seconds)
        arrived = audience.await_seq(writer.head)
        cpu_s = server.cpu_s() - cpu_s
        heard = audience.heard()
    due = len(writer.committed) * effort.sockets
    latencies_s = heard.latencies_s(writer.committed)
    lost = due - len(heard.seqs)
    p50, p99 = (percentile(latencies_s, percent) * 1000 for percent in (50, 99))
    return [
        Line(
            f"{effort.sockets:,} sockets in one process, 20 events/s for {effort.seconds} s",
            f"{len(heard.seqs):,} messages: {lost} lost, {heard.faults} out of order or twice; "
            f"commit to client p50 {p50:.0f} ms, p99 {p99:.0f} ms",
            "0 lost, p99 250 ms",
            arrived and not lost and not heard.faults and p99 <= 250,
        ),
        Line(
            "cost of a message to one socket, at that rate",
            f"{cpu_s / due * 1e6:.0f} µs of a core; {cpu_s / effort.seconds * 100:.0f} % of a core in all",
        ),
    ]


def throughput(effort: Effort) -> list[Line]:
    """As many messages as go, beside a plain consumer, in turn."""
    ours, theirs = [], []
    for _ in range(effort.rounds):
        with servers.feed() as server:
            ours.append(_rate(server, _write_in_batches, 600))
        with servers.plain_channels() as server:
            theirs.append(_rate(server, _send_to_group, 60))
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [
        Line(
            f"messages/s to {_CLIENTS} sockets, events committed in tens, against a plain Channels consumer",
            f"{statistics.median(ours):,.0f}/s ({min(ours):,.0f}-{max(ours):,.0f}) against "
            f"{statistics.median(theirs):,.0f}/s ({min(theirs):,.0f}-{max(theirs):,.0f}): {ratio:.1f} x",
            "3 x",
            ratio >= 3,
        )
    ]


_CLIENTS: Final = 500
_BATCH: Final = 10


def _rate(server: Process, send: Callable[[int], int], events: int) -> float:
    """Messages a second from the first event's making to the last one's arrival everywhere."""
    with gathered() as audience:
        audience.join([Follow((server.port,), MARKET)] * _CLIENTS)
        time.sleep(_SETTLE_S)
        begin = time.monotonic()
        last = send(events)
        if not audience.await_seq(last):
            raise RuntimeError(f"only {audience.least()} of {last} arrived")
        heard = audience.heard()
    if heard.faults or len(heard.seqs) != events * _CLIENTS:
        raise RuntimeError(f"{heard.faults} faults, {len(heard.seqs)} messages")
    return len(heard.seqs) / (max(heard.times) - begin)


def _write_in_batches(events: int) -> int:
    writer = Writer(MARKET)
    for _ in range(events // _BATCH):
        writer.write(_BATCH)
    return writer.head


def _send_to_group(events: int) -> int:
    send_to_group(MARKET, events)
    return events


def resume(effort: Effort) -> list[Line]:
    """A client far behind, while the stream goes on."""
    behind = 10_000
    took_s = []
    _have_history(behind)
    with servers.feed() as server:
        for _ in range(effort.rounds):
            writer = Writer(MARKET)
            took_s.append(_catch_up(server, writer, behind))
    return [
        Line(
            f"resume of a client {behind:,} events behind, 50 events/s going on",
            f"gap-free in {statistics.median(took_s):.2f} s (slowest of {effort.rounds}: {max(took_s):.2f} s)",
            "3 s",
            max(took_s) < 3,
        )
    ]


def _have_history(events: int) -> None:
    writer = Writer(MARKET)
    while writer.head < events:
        writer.write(500)


def _catch_up(server: Process, writer: Writer, behind: int) -> float:
    """Seconds until the client has all that was committed by then."""
    since = writer.head - behind
    with gathered() as audience, _in_background(lambda: writer.at_rate(50, 4)):
        time.sleep(0.5)
        begin = time.monotonic()
        audience.join([Follow((server.port,), MARKET, since=since)])
        time.sleep(4)
        audience.await_seq(writer.head)
        heard = audience.heard()
    if heard.faults or len(heard.seqs) != writer.head - since:
        raise RuntimeError(f"{heard.faults} faults, {len(heard.seqs)} of {writer.head - since} events")
    return _caught_up_at(heard, writer.committed) - begin


def _caught_up_at(heard: Heard, committed: dict[int, float]) -> float:
    """When the client had, for the first time, everything that was committed 50 ms before."""
    for seq, at in zip(heard.seqs, heard.times, strict=True):
        following = committed.get(seq + 1)
        if seq in committed and (following is None or following > at - 0.05):
            return at
    raise RuntimeError("it never caught up")


_SMALLEST_BUFFER: Final = 4096
_BOUND: Final = 16e6
_MORE_THAN_THE_KERNEL_HOLDS: Final = 15_000


def slow_client(effort: Effort) -> list[Line]:
    """One of many stops reading: 4008 for it, and nothing for the others."""
    ratios, codes, grown = [], [], []
    _have_history(_MORE_THAN_THE_KERNEL_HOLDS)
    for _ in range(max(1, effort.rounds // 2)):
        with servers.feed() as server, gathered() as audience:
            audience.join([Follow((server.port,), MARKET)] * (_CLIENTS - 1))
            time.sleep(_SETTLE_S)
            before = _p99(audience, 15)
            memory = server.memory()
            since = Writer(MARKET).head - _MORE_THAN_THE_KERNEL_HOLDS
            audience.join([Follow((server.port,), MARKET, since=since, receive_buffer=_SMALLEST_BUFFER)])
            audience.stall()
            ratios.append(_p99(audience, 34) / before)
            grown.append(server.memory() - memory)
            codes.append(audience.closing_code())
    ratio = statistics.median(ratios)
    return [
        Line(
            f"one client that stops reading among {_CLIENTS}, 20 events/s",
            f"closed with {'/'.join(str(code) for code in sorted(set(codes), key=str))}; the others' p99 {ratio:.2f} x "
            f"({', '.join(f'{each:.2f}' for each in ratios)}); memory +{max(grown) / 1e6:.1f} MB",
            f"4008, 1.2 x, {_BOUND / 1e6:.0f} MB",
            set(codes) == {4008} and ratio <= 1.2 and max(grown) < _BOUND,
        )
    ]


def _p99(audience: Audience, seconds: int) -> float:
    audience.heard()
    writer = Writer(MARKET)
    writer.at_rate(20, seconds)
    audience.await_seq(writer.head)
    return percentile(audience.heard().latencies_s(writer.committed), 99)


_CHURN_PER_S: Final = 50


def memory(effort: Effort, tokens: Sequence[str]) -> list[Line]:
    """Idle sockets of people who are logged in, and their coming and going."""
    with servers.feed() as server, gathered() as audience:
        follows = [Follow((server.port,), token=token) for token in tokens]
        audience.join(follows[:50])  # what is loaded once
        audience.leave(50)
        time.sleep(_SETTLE_S)
        empty = server.memory()
        audience.join(follows)
        time.sleep(_SETTLE_S)
        full = server.memory()
        _churn(audience, follows, len(follows) / _CHURN_PER_S)  # all of them once, for the allocator's reserve
        begin = server.memory()
        turned = _churn(audience, follows, effort.churn_s)
        end = server.memory()
    each = (full - empty) / len(tokens)
    growth = (end - begin) / begin * 100
    return [
        Line(
            "memory per idle authenticated socket",
            f"{each / 1024:.0f} KiB ({len(tokens):,} sockets: {full / 1e6:.0f} MB, empty {empty / 1e6:.0f} MB); "
            f"when all have been replaced {begin / 1e6:.0f} MB, then {growth:+.1f} % in {effort.churn_s} s "
            f"and {turned:,} more",
            "stated, flat",
            growth < 5,
        )
    ]


def _churn(audience: Audience, follows: Sequence[Follow], seconds: float) -> int:
    """Ten times a second the oldest sockets go, and as many come; how many."""
    step = _CHURN_PER_S // 10
    begin, turned = time.monotonic(), 0
    while time.monotonic() < begin + seconds:
        audience.leave(step)
        audience.join([follows[(turned + i) % len(follows)] for i in range(step)])
        turned += step
        time.sleep(max(0.0, begin + turned / step * 0.1 - time.monotonic()))
    return turned


def outages(effort: Effort, redis: Redis) -> list[Line]:
    """Redis goes and comes back; then one of two processes is killed. Clients resume with the other."""
    seconds = max(9, effort.seconds // 3)
    with servers.feed() as one, servers.feed() as two, gathered() as audience:
        ports = one.port, two.port
        start = Writer(MARKET).head
        follows = [Follow(ports), Follow(ports[::-1])]
        audience.join([Follow(follow.ports, MARKET, since=start) for follow in follows] * 100)
        time.sleep(_SETTLE_S)
        writer = Writer(MARKET)
        with _in_background(lambda: writer.at_rate(50, seconds)):
            time.sleep(seconds / 4)
            redis.kill()
            time.sleep(seconds / 4)
            redis.start()
            time.sleep(seconds / 6)
            one.kill()
        audience.await_seq(writer.head)
        heard = audience.heard()
    lost = 200 * len(writer.committed) - len(heard.seqs)
    return [
        Line(
            "Redis killed and started, then one of two processes killed (-9), 200 sockets, 50 events/s",
            f"{heard.reconnections} reconnected; {lost} lost, {heard.faults} out of order or twice",
            "0 lost",
            heard.reconnections >= 100 and not lost and not heard.faults,
        )
    ]


def two_processes(effort: Effort) -> list[Line]:
    """The same crowd on one process and on two: what a process more brings."""
    seconds = max(5, effort.seconds // 4)
    rows = []
    for count in (1, 2):
        with servers.feed() as one, servers.feed() as two, gathered() as audience:
            used = (one, two)[:count]
            audience.join([Follow((used[i % count].port,), MARKET) for i in range(effort.sockets)])
            time.sleep(_SETTLE_S)
            writer, cpu_s = Writer(MARKET), sum(server.cpu_s() for server in used)
            writer.at_rate(20, seconds)
            audience.await_seq(writer.head)
            cpu_s = sum(server.cpu_s() for server in used) - cpu_s
            p99 = percentile(audience.heard().latencies_s(writer.committed), 99)
            rows.append(f"{count}: {cpu_s / seconds / count * 100:.0f} % of a core each, p99 {p99 * 1000:.0f} ms")
    return [Line(f"{effort.sockets:,} sockets at 20 events/s, on one process and on two", "; ".join(rows))]


class _in_background:  # noqa: N801 reads as a statement
    """Run something beside the block; the block ends when both have."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()
