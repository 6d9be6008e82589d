"""The platform as `manage.py run` starts it, whose parts are killed one after the other while people trade."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from iqx.demo.seed import PASSWORD
from iqx.runtime import embedded
from tests.chaos.load import Trader, wait_for_progress
from tests.e2e.processes import MANAGE
from tests.runtime.conftest import eventually
from tests.runtime.test_run import Platform
from tests.services import free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")

RECOVERY_PATIENCE_S = 60


@pytest.fixture
def run_environment(data_dir: Path, environment: dict[str, str]) -> dict[str, str]:
    return {
        **environment,
        "IQX_DATA_DIR": str(data_dir),
        "PORT": str(free_port()),
        "IQX_DEMO_TRADERS": "0",
        "IQX_RATE_LIMITS": "off",
    }


@pytest.fixture
def platform(run_environment: dict[str, str]) -> Iterator[Platform]:
    platform = Platform(run_environment)
    try:
        platform.wait_for("IQX is ready")
        yield platform
    finally:
        platform.process.terminate()
        platform.process.wait(timeout=30)
        platform.reader.join()
        platform.output.close()


@pytest.fixture
def traders(platform: Platform) -> Iterator[list[Trader]]:
    """Three people who trade with each other until they are told to stop."""
    trading = [Trader(platform.url, f"{name}@iqx.example", PASSWORD) for name in ("alice", "bob", "carol")]
    for trader in trading:
        trader.start()
    yield trading
    for trader in trading:
        trader.close()


def process_of(platform: Platform, command: str) -> int:
    """The child of `run` that runs this command."""
    for pid in platform.children():
        if command in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
            return pid
    raise AssertionError(f"{command} does not run")


def kill_a_database_backend(data_dir: Path) -> None:
    """PostgreSQL then ends all its other processes, and recovers."""
    with psycopg.connect(embedded.dsn(data_dir)) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
            "ORDER BY state_change DESC LIMIT 1"
        ).fetchone()
    assert row
    os.kill(row[0], signal.SIGKILL)


def test_nothing_that_was_acknowledged_is_lost_whatever_is_killed(
    platform: Platform, traders: list[Trader], data_dir: Path, run_environment: dict[str, str]
) -> None:
    wait_for_progress(traders, steps=30, within_s=RECOVERY_PATIENCE_S)
    os.kill(process_of(platform, "serve"), signal.SIGKILL)
    wait_for_progress(traders, steps=30, within_s=RECOVERY_PATIENCE_S)
    kill_a_database_backend(data_dir)
    wait_for_progress(traders, steps=30, within_s=RECOVERY_PATIENCE_S)
    os.kill(process_of(platform, "worker"), signal.SIGKILL)
    os.kill(process_of(platform, "serve"), signal.SIGKILL)
    wait_for_progress(traders, steps=30, within_s=RECOVERY_PATIENCE_S)
    for trader in traders:
        trader.stop()

    assert [trader.journal.faults for trader in traders] == [[], [], []]
    assert sum(len(trader.journal.released) for trader in traders) > 0
    with psycopg.connect(embedded.dsn(data_dir), autocommit=True) as connection:
        assert eventually(lambda: count(connection, "orders_order WHERE status = 'pending'") == 0)
        for trader in traders:
            check_journal(trader, connection)
        check_streams(connection)
    audit = [sys.executable, MANAGE, "audit_ledger"]
    subprocess.run(audit, env=run_environment, check=True, capture_output=True, timeout=60)


def count(connection: Connection, rows: str, *parameters: object) -> int:
    (number,) = connection.execute(f"SELECT count(*) FROM {rows}", parameters).fetchone() or (-1,)  # noqa: S608
    return int(number)


def check_journal(trader: Trader, connection: Connection) -> None:
    """What the trader was told is there; nothing else is; and a key that is used again has no second effect."""
    journal = trader.journal
    placed = connection.execute(
        "SELECT client_order_id, id::text FROM orders_order WHERE owner_id = %s", [trader.user_id]
    )
    assert dict(placed.fetchall()) == journal.orders
    cancelled = "orders_order WHERE id = ANY(%s::uuid[]) AND status = 'cancelled'"
    assert count(connection, cancelled, list(journal.cancelled)) == len(journal.cancelled)
    for key, deposit_id in journal.deposits.items():
        assert trader.insist("POST", "/wallet/deposits", {"amount": "3"}, key).json()["id"] == deposit_id
    by_hand = "wallets_deposit WHERE user_id = %s AND amount = 3"
    assert count(connection, by_hand, trader.user_id) == len(journal.deposits)
    assert count(connection, "trades_trade WHERE id = ANY(%s::uuid[])", list(journal.trades)) == len(journal.trades)
    receipts = "trades_transaction WHERE trade_id = ANY(%s::uuid[]) AND seller_id = %s"
    assert count(connection, receipts, list(journal.released), trader.user_id) == len(journal.released)


def check_streams(connection: Connection) -> None:
    """Every stream has each seq once, up to its head."""
    torn = """
        core_stream LEFT JOIN (
            SELECT stream_id, count(*) AS events, max(seq) AS newest FROM core_event GROUP BY stream_id
        ) told ON stream_id = name
        WHERE head <> coalesce(events, 0) OR head <> coalesce(newest, 0)
    """
    assert count(connection, "core_event") > 0
    assert count(connection, torn) == 0
