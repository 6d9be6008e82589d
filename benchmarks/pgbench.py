"""PostgreSQL's own benchmark, TPC-B-like: what this server gives to anybody."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.samples import Sample
from iqx.runtime.binaries import wheel_folder

SCALE: Final = 10
CLIENTS: Final = 4


def find() -> Path | None:
    return next((program for program in _candidates() if os.access(program, os.X_OK)), None)


def _candidates() -> Iterator[Path]:
    named = os.environ.get("IQX_POSTGRES_BIN")
    if named:
        yield Path(named) / "pgbench"
    on_path = shutil.which("pgbench")
    if on_path:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True)
    wheel = wheel_folder()
    if wheel:
        yield wheel / "pgbench"


def prepare(program: Path, address: str) -> None:
    _run(program, "--initialize", "--quiet", f"--scale={SCALE}", address)


def measure(program: Path, address: str, seconds: int) -> Sample:
    with tempfile.TemporaryDirectory(prefix="iqx-pgbench-") as folder:
        report = _run(
            program,
            f"--client={CLIENTS}",
            "--jobs=2",
            f"--time={seconds}",
            "--no-vacuum",
            "--log",
            f"--log-prefix={folder}/log",
            address,
        )
        latencies_s = [int(line.split()[2]) / 1e6 for log in Path(folder).iterdir() for line in log.open()]
    rate = re.search(r"^tps = ([\d.]+)", report, re.MULTILINE)
    if rate is None:
        raise RuntimeError(f"pgbench says no rate:\n{report}")
    return Sample(len(latencies_s), len(latencies_s) / float(rate[1]), latencies_s)


def _run(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stderr}")
    return done.stdout
