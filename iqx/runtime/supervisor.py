"""Keeps a handful of processes running in the foreground, and ends all of them with itself.

Each child has a process group of its own, so that Ctrl-C reaches the supervisor alone, which then ends them.
A child whose supervisor was killed ends by its `lifeline`.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iqx.runtime import lifeline

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 15.0
_SETTLED_AFTER_S = 10.0
_STOP_PATIENCE_S = 8.0
_LAST_WORDS_S = 1.0
_UPKEEP_INTERVAL_S = 2.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Service:
    """A command that should always be running."""

    name: str
    command: Sequence[str]


@dataclass
class Backoff:
    """How long to wait before a start: not at all at first, then longer with each quick death."""

    delay_s: float = 0.0

    def after(self, lived_s: float) -> float:
        if lived_s >= _SETTLED_AFTER_S:
            self.delay_s = 0.0
        self.delay_s = min(max(self.delay_s * 2, _FIRST_DELAY_S), _LONGEST_DELAY_S)
        return self.delay_s


@dataclass
class Supervisor:
    """Runs `services` until it is told to stop.

    Args:
        services: what to run.
        say: called with a source ("iqx" or a service's name) and a line.
        environment: the children's environment.
        upkeep: called every other second, in a thread; may return a line to say.
        when_started: awaited once beside the services, to tell when they are ready.
    """

    services: Sequence[Service]
    say: Say
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    upkeep: Callable[[], str | None] | None = None
    when_started: Callable[[], Coroutine[Any, Any, None]] | None = None

    def run(self) -> None:
        """Supervise until SIGINT, SIGTERM or SIGHUP; returns when every child has ended."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        stopping = asyncio.Event()
        for signum in _STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
        lifeline_end, own_end = os.pipe()
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [group.create_task(self._keep_up())]
                if self.when_started:
                    helpers.append(group.create_task(self.when_started()))
                for service in self.services:
                    group.create_task(self._keep_alive(service, stopping, lifeline_end))
                await stopping.wait()
                self.say("iqx", "stopping")
                for helper in helpers:
                    helper.cancel()
        finally:
            os.close(lifeline_end)
            os.close(own_end)

    async def _keep_up(self) -> None:
        while self.upkeep:
            await asyncio.sleep(_UPKEEP_INTERVAL_S)
            try:
                line = await asyncio.to_thread(self.upkeep)
            except Exception as error:
                line = str(error)
            if line:
                self.say("iqx", line)

    async def _keep_alive(self, service: Service, stopping: asyncio.Event, lifeline_end: int) -> None:
        backoff = Backoff()
        while not stopping.is_set():
            started = time.monotonic()
            code = await self._run_once(service, stopping, lifeline_end)
            if stopping.is_set():
                return
            delay_s = backoff.after(time.monotonic() - started)
            self.say("iqx", f"{service.name} ended ({_reason(code)}); starting it again in {delay_s:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), delay_s)

    async def _run_once(self, service: Service, stopping: asyncio.Event, lifeline_end: int) -> int:
        process = await asyncio.create_subprocess_exec(
            *service.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**self.environment, lifeline.VARIABLE: str(lifeline_end)},
            pass_fds=[lifeline_end],
            start_new_session=True,
        )
        relay = asyncio.create_task(self._relay(service.name, process))
        ended = asyncio.create_task(process.wait())
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not ended.done():
            _signal_group(process.pid, signal.SIGTERM)
            await asyncio.wait({ended}, timeout=_STOP_PATIENCE_S)
        _signal_group(process.pid, signal.SIGKILL)  # the child, if it did not listen, and what it left behind
        code = await ended
        await asyncio.wait({relay}, timeout=_LAST_WORDS_S)
        relay.cancel()
        return code

    async def _relay(self, name: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101
        rest = b""
        while chunk := await process.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.say(name, line.decode(errors="replace"))
        if rest:
            self.say(name, rest.decode(errors="replace"))


def _signal_group(pid: int, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signum)


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
