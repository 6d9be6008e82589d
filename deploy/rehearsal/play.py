"""The play: its acts, and the table that is printed."""

import asyncio
import contextlib
import os
import signal
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from asgiref.sync import sync_to_async

from deploy.rehearsal import door, evidence
from deploy.rehearsal.load import NO_PROBLEM, Load
from deploy.rehearsal.people import Person, settle
from deploy.rehearsal.sockets import NOT_CONNECTED, Watcher
from deploy.rehearsal.stage import DEPLOY, KINDS, Stage, await_true, running

_QUIET_S: Final = 5.0
_AFTERMATH_S: Final = 2.0
_SETTLE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Act:
    name: str
    do: Callable[[Stage], None]
    may_fail: bool
    """Whether a request in the hands of a process that is killed may go unanswered."""


def acts() -> list[Act]:
    kills = [
        Act(
            f"kill -9 {kind} {number}",
            _killing(f"iqx-{kind}:iqx-{kind}-{number}", kind, number),
            may_fail=kind == "web",
        )
        for kind in KINDS
        for number in (1, 2)
    ]
    return [
        Act("nothing", lambda _stage: time.sleep(_QUIET_S), may_fail=False),
        Act("rolling restart", _rolling_restart, may_fail=False),
        *kills,
        Act("kill -9 a gunicorn worker", _kill_gunicorn_worker, may_fail=True),
        Act("kill -9 web 1 and its workers", _kill_all_of_web_1, may_fail=True),
        Act("kill -9 an nginx worker", _kill_nginx_worker, may_fail=True),
        Act("reload nginx", lambda stage: os.kill(stage.pid("nginx"), signal.SIGHUP), may_fail=True),
        Act("rolling restart again", _rolling_restart, may_fail=False),
    ]


def _rolling_restart(stage: Stage) -> None:
    environment = {
        **os.environ,
        "IQX_RUN_DIR": str(stage.folder / "run"),
        "IQX_FEED_PORT_BASE": str(stage.feed_base),
        "SUPERVISORCTL": f"supervisorctl -c {stage.folder}/supervisord.conf",
    }
    command = [str(DEPLOY / "rolling-restart"), "supervisor"]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{done.stdout}{done.stderr}")


def _killing(program: str, kind: str, number: int) -> Callable[[Stage], None]:
    def kill(stage: Stage) -> None:
        if kind == "web":
            (stage.folder / "run" / f"web-{number}.ready").unlink()
        before = stage.pid(program)
        os.kill(before, signal.SIGKILL)
        await_true(lambda: stage.pid(program) not in {0, before}, program)
        stage.await_ready(kind, number)

    return kill


def _kill_gunicorn_worker(stage: Stage) -> None:
    os.kill(_children_of(stage.pid("iqx-web:iqx-web-1"))[0], signal.SIGKILL)
    time.sleep(_QUIET_S)


def _kill_all_of_web_1(stage: Stage) -> None:
    """So that nobody is left to finish what it has in hand: as when a machine fails."""
    (stage.folder / "run" / "web-1.ready").unlink()
    master = stage.pid("iqx-web:iqx-web-1")
    for pid in (*_children_of(master), master):
        os.kill(pid, signal.SIGKILL)
    await_true(lambda: stage.pid("iqx-web:iqx-web-1") not in {0, master}, "web 1")
    stage.await_ready("web", 1)


def _kill_nginx_worker(stage: Stage) -> None:
    os.kill(_children_of(stage.pid("nginx"))[0], signal.SIGKILL)
    time.sleep(_QUIET_S)


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def play(stage: Stage, *, people: int, only: str) -> int:
    """Run every act under load; returns the exit code."""
    persons = settle(people)
    with running(stage):
        return asyncio.run(_perform(stage, persons, [act for act in acts() if only in act.name]))


async def _perform(stage: Stage, persons: list[Person], chosen: list[Act]) -> int:
    tls = ssl.create_default_context(cafile=str(stage.certificate))
    endings: Counter[str] = Counter()
    watchers = [
        Watcher(f"wss://localhost:{stage.https}/ws/v1", tls, person, endings) for person in [*persons, None, None]
    ]
    async with httpx.AsyncClient(base_url=f"{stage.url}/api/v1", verify=tls, trust_env=False, timeout=40) as client:
        load = Load(client, persons)
        watching = [asyncio.create_task(watcher.run()) for watcher in watchers]
        trading = [asyncio.create_task(trader.run()) for trader in load.traders]
        await asyncio.sleep(_AFTERMATH_S)
        bad = 0
        print(_ROW.format("what was done", "s", "requests", "failed", "slowest s", "sockets cut, by code"))
        for act in chosen:
            bad += await _perform_act(stage, act, load, endings)
        load.stopping = True
        await asyncio.gather(*trading)
        await _settle(watchers)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    findings = await sync_to_async(evidence.collect)(load.traders, watchers)
    print()
    for finding in findings:
        bad += not finding.holds
        print(f"{'ok ' if finding.holds else 'BAD'} {finding.claim}: {finding.found}, expected {finding.expected}")
    for trader in load.traders:
        if trader.journal.refused:
            print(dict(trader.journal.refused))
    print()
    for claim, holds, detail in await asyncio.to_thread(door.look, stage):
        bad += not holds
        print(f"{'ok ' if holds else 'BAD'} {claim}{'' if holds else f': {detail}'}")
    return 1 if bad else 0


_ROW: Final = "{:<30}{:>6}{:>10}{:>8}{:>11}  {}"


async def _perform_act(stage: Stage, act: Act, load: Load, endings: Counter[str]) -> int:
    load.renew()
    endings.clear()
    begun = time.monotonic()
    await asyncio.to_thread(act.do, stage)
    await asyncio.sleep(_AFTERMATH_S)
    tally = load.renew()
    refused = endings.pop(NOT_CONNECTED, 0)
    if refused:
        tally.failures["handshake of a socket"] += refused
    failed = tally.failures.total()
    cut = ", ".join(f"{code} x{count}" for code, count in sorted(endings.items())) or "-"
    took = f"{time.monotonic() - begun:.0f}"
    print(
        _ROW.format(act.name, took, tally.requests.total(), failed, f"{tally.slowest_s:.2f}", cut),
        flush=True,
    )
    wrong = 0
    for failure, count in tally.failures.items():
        may_be = act.may_fail and not failure.endswith(NO_PROBLEM)
        wrong += 0 if may_be else count
        print(f"    {count} x {failure}{'' if may_be else '   <- must not be'}")
    return wrong


async def _settle(watchers: list[Watcher]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_S):
            while not await sync_to_async(evidence.is_settled)(watchers):
                await asyncio.sleep(0.5)
