"""Under which conditions a run was made: figures mean nothing without."""

import os
import platform
from datetime import UTC, datetime

import django
import psycopg
from django.conf import settings

from benchmarks.web import Size


def load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def describe(connection: psycopg.Connection, size: Size, traders: int) -> dict[str, str]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{len(os.sched_getaffinity(0))} CPUs ({_cpu_model()}), {platform.system()} {platform.machine()}",
        "load average at the start": load_average(),
        "PostgreSQL": f"{_setting(connection, 'server_version')}, "
        + ("embedded" if settings.DATABASE_IS_EMBEDDED else "of DATABASE_URL"),
        "durability": ", ".join(
            f"{name} {_setting(connection, name)}" for name in ("fsync", "synchronous_commit", "full_page_writes")
        ),
        "shared_buffers": _setting(connection, "shared_buffers"),
        "software": f"Python {platform.python_version()}, Django {django.get_version()}, psycopg {psycopg.__version__}",
        "server": str(size),
        "channel layer": "Redis" if settings.REDIS_URL else "none between processes",
        "traders": f"{traders}, all in one market",
    }


def _setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else "unknown"


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
