"""The worker: jobs that were asked for, and chores that time asks for (`iqx.runtime.sweeper`), in one process."""

import asyncio
import contextlib
import logging
import os
import signal
from functools import partial
from typing import Final

import psycopg
from django.conf import settings
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from iqx.notices.dispatch import Dispatcher
from iqx.notices.posting import send_messages, send_webhooks
from iqx.runtime.sweeper import Chore, Sweeper, chores, follow_prices, measurements
from orders.feeds import Follower, configured_feed

logger = logging.getLogger(__name__)

_JOBS_AT_A_TIME: Final = 4
_CONNECTIONS: Final = 4
_CONNECT_PATIENCE_S: Final = 3
_STOP_PATIENCE_S: Final = int(os.environ.get("IQX_WORKER_PATIENCE_SECONDS", "4"))
"""How long jobs and chores in hand may take at the end; jobs that take longer are run again."""
_RESCUE_INTERVAL_S: Final = 30
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 15.0
_DATABASE_AWAY: Final = (ConnectorException, psycopg.OperationalError)


def work() -> None:
    """Work until SIGINT or SIGTERM."""
    asyncio.run(_work())


async def _work() -> None:
    stopping = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_worth_telling)
    sweepers = [
        Sweeper(chores()),
        Sweeper([Chore("tell people what happened", Dispatcher().round)], quiet=True),
        Sweeper([Chore("send messages", send_messages)], quiet=True),
        Sweeper([Chore("post to webhooks", send_webhooks)], quiet=True),
        *(Sweeper([measurement], quiet=True) for measurement in measurements()),
    ]
    if feed := configured_feed():
        follower, every_s = Follower(feed), settings.PRICE_FEED["every_s"]
        chore = Chore("follow the price feed", partial(follow_prices, follower), every_s)
        sweepers.append(Sweeper([chore], quiet=True))
    for sweeper in sweepers:
        sweeper.start()
    jobs = asyncio.create_task(_keep_working(stopping))
    await stopping.wait()
    jobs.cancel()
    await asyncio.gather(
        *(asyncio.to_thread(sweeper.stop, patience_s=_STOP_PATIENCE_S) for sweeper in sweepers),
        asyncio.wait({jobs}, timeout=_STOP_PATIENCE_S),
    )
    # Who still waits for a connection has waited long enough.
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's have one


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """An outage ends each of procrastinate's tasks with a trace of its own; `_keep_working` tells of it, once."""
    is_of_outage = record.exc_info and isinstance(record.exc_info[1], _DATABASE_AWAY)
    return not (is_of_outage and record.name.startswith("procrastinate"))


async def _keep_working(stopping: asyncio.Event) -> None:
    """Run jobs; begin again whenever the database was away."""
    pause_s = _FIRST_PAUSE_S
    clock = asyncio.get_running_loop().time
    while True:
        started = clock()
        reason = "it ended by itself"
        try:
            await _run_jobs()
        except _DATABASE_AWAY as error:
            reason = str(error.__cause__ or error).strip()
        if stopping.is_set():  # without its database, a worker that is cancelled ends with that error instead
            return
        if clock() - started > _LONGEST_PAUSE_S:
            pause_s = _FIRST_PAUSE_S
        if pause_s == _FIRST_PAUSE_S:
            logger.warning("No jobs are run for the moment: %s", reason)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _run_jobs() -> None:
    """Run jobs until the database goes away, or this is cancelled.

    On an app of its own: `replace_connector` would have jobs of this process enqueued outside of their transactions.
    """
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=_CONNECTIONS, timeout=_CONNECT_PATIENCE_S
    )
    app = django_app.with_connector(connector)
    async with app.open_async():
        rescue = asyncio.create_task(_rescue_jobs(app))
        try:
            await app.run_worker_async(
                concurrency=_JOBS_AT_A_TIME,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=_STOP_PATIENCE_S,
            )
        finally:
            rescue.cancel()
            with contextlib.suppress(asyncio.CancelledError, *_DATABASE_AWAY):
                await rescue


async def _rescue_jobs(app: App) -> None:
    """Put jobs back into the queue whose worker has died."""
    while True:
        for job in await app.job_manager.get_stalled_jobs():
            logger.warning("The worker of %s has died; the job is run again", job.call_string)
            await app.job_manager.retry_job(job)
        await asyncio.sleep(_RESCUE_INTERVAL_S)
